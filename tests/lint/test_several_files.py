"""A copier.yml of several documents, and files that it includes: places are those of the file."""

from pathlib import Path

import pytest

from tests.builders import Files
from tests.lint.case import QUESTIONS, found

INCLUDING = f"""\
{QUESTIONS}---
!include shared/questions/one.yml
---
!include shared/questions/t*.yml
---
"""


def test_a_question_of_an_included_file(tmp_path: Path) -> None:
    """Its findings are in that file."""
    files: Files = {
        "copier.yml": f"{INCLUDING}last: {{default: a}}\n",
        "shared/questions/one.yml": "# Words.\none: {type: str, default: '{{ lost }}'}\n",
        "shared/questions/two.yml": "two: {type: str, help: Two, default: '{{ one }}'}\n",
    }

    assert [
        "shared/questions/one.yml:2 BP201 `lost` is not defined",
        "copier.yml:10 BP202 nothing uses the answer to `last`",
        "shared/questions/two.yml:1 BP202 nothing uses the answer to `two`",
        "copier.yml:10 BP203 the question `last` has no help",
        "shared/questions/one.yml:2 BP203 the question `one` has no help",
    ] == found(tmp_path, files)


def test_an_included_file_that_is_no_yaml(tmp_path: Path) -> None:
    """The error is in that file, too."""
    files = {"copier.yml": INCLUDING, "shared/questions/one.yml": "a: [\n"}

    assert [
        "shared/questions/one.yml:2 BP101 is not valid YAML: expected the node content, but"
    ] == [one.removesuffix(" found '<stream end>'") for one in found(tmp_path, files)]


def test_a_validator_that_includes_a_file(tmp_path: Path) -> None:
    """What that file needs, the question needs; what it uses is used."""
    question = "one: {help: One, default: a, validator: \"{% include 'shared/check' %}\"}\n"
    files = {
        "shared/check": "{% if one == other or lost %}no{% endif %}\n",
        "code/a.jinja": "{{ one }}\n",
    }
    other = "other: {type: str, help: Other, default: b}\n"

    assert ["shared/check:1 BP201 `lost` is not defined"] == found(
        tmp_path, files, questions=other + question
    )


def test_a_later_document_overrides(tmp_path: Path) -> None:
    """The last question of a name is the one that copier asks."""
    questions = "one: {default: '{{ lost }}'}\n---\none: {default: a, help: One}\n"

    assert [] == found(tmp_path, {"code/a.jinja": "{{ one }}\n"}, questions=questions)


@pytest.mark.parametrize("pattern", ["missing.yml", "../*.yml", "/etc/*.yml", ""])
def test_a_file_that_is_not_in_the_blueprint(tmp_path: Path, pattern: str) -> None:
    """Copier would go on without its questions."""
    (tmp_path / "other.yml").write_text("one: {default: a}\n")
    files = {"copier.yml": f"{QUESTIONS}---\n!include '{pattern}'\n"}

    assert [
        f"copier.yml:6 BP101 includes `{pattern}`, and the blueprint has no such file"
    ] == found(tmp_path / "blueprint", files)
