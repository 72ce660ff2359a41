"""One fault hides no other: lint goes on past files that fail, and without extensions."""

from pathlib import Path

import pytest

from scaffold.lint import lint_blueprint
from tests.builders import Files, write_files
from tests.lint.case import CLEAN, QUESTIONS, found

ELSEWHERE: Files = {
    "code/package.json.jinja": '{"name": "{{ service }}",,}\n',
    "code/b.md.jinja": "{{ lost }}\n",
    "docker/Dockerfile": "FROM python\n",
}
TOLD_ELSEWHERE = {
    "code/b.md.jinja:1 BP201 `lost` is not defined",
    (
        "code/package.json.jinja:1 BP106 renders `package.json`, which is not valid JSON: "
        "Expecting property name enclosed in double quotes"
    ),
    "docker/Dockerfile:1 BP401 the image `python` has no tag",
}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("{{ service | nosuch }}\n", "BP102 is no valid template: No filter named 'nosuch'."),
        ("{{ service is nosuch }}\n", "BP102 is no valid template: No test named 'nosuch'."),
        ("{{ 1 / 0 }}\n", "BP103 the repo `code`: can't be rendered: division by zero"),
        ("{% include 'no' %}\n", "BP103 the repo `code`: can't be rendered: 'no' not found in "),
        ("{% if service %}\n", "BP102 is no valid template: Unexpected end of template."),
    ],
)
def test_a_file_that_fails_hides_no_other(tmp_path: Path, text: str, finding: str) -> None:
    """What is rendered of the others is looked at, in the same repo and in the next one."""
    findings = found(tmp_path, {**ELSEWHERE, "code/a.jinja": text})
    here = [one for one in findings if one not in TOLD_ELSEWHERE]

    assert set(findings) > TOLD_ELSEWHERE, findings
    assert 1 == len(here)
    assert here[0].startswith(f"code/a.jinja:1 {finding}")


@pytest.mark.parametrize(
    ("name", "why", "hint"),
    [
        (
            "copier_templates_extensions.TemplateExtensionLoader",
            "is not installed",
            (
                "`pip install copier-templates-extensions`, in the virtual environment or "
                "image that scaffold is in."
            ),
        ),
        (
            "nowhere_to_be.Found",
            "is not installed",
            (
                "Install the package with module `nowhere_to_be`, in the virtual environment or "
                "image that scaffold is in."
            ),
        ),
    ],
)
def test_an_extension_that_is_not_installed(tmp_path: Path, name: str, why: str, hint: str) -> None:
    """Its line and its package are told, and all else; not what may be of the extension."""
    files: Files = {
        **CLEAN,
        **ELSEWHERE,
        "copier.yml": f"{QUESTIONS}_jinja_extensions:\n  - jinja2.ext.do\n  - {name}\n",
        "code/a.jinja": "{{ service | of_it }}{% do [] %}{% if service is its %}{% endif %}\n",
        "code/a.py.jinja": "{% filter comment_of_it %}No code{% endfilter %}\n",
        "code/c.jinja": "{% of_it 'utc' %}\n",
    }
    write_files(tmp_path, files)
    findings = lint_blueprint(tmp_path, trust=True)
    (one,) = (finding for finding in findings if finding.path == "copier.yml")

    assert ("copier.yml:7", "BP103", f"the Jinja extension `{name}` {why}", hint) == (
        one.where, one.code, one.message, one.hint
    )  # fmt: skip
    assert {f"{finding.where} {finding.code} {finding.message}" for finding in findings} == {
        *TOLD_ELSEWHERE,
        f"copier.yml:7 BP103 {one.message}",
    }


SHOUT = """\
from jinja2.ext import Extension


class Shout(Extension):
    def __init__(self, environment):
        super().__init__(environment)
        environment.filters["shout"] = str.upper
"""


def test_extensions_of_the_blueprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are code; lint loads none unless it is told to, says so, and goes on without."""
    questions = f"{QUESTIONS}_jinja_extensions: [copier_shout.Shout]\n"
    template = "{{ service | shout }}\n{{ lost }}\n"
    write_files(tmp_path / "path", {"copier_shout.py": SHOUT})
    files: Files = {"copier.yml": questions, "code/a.jinja": template}

    assert [
        "copier.yml:5 BP103 the Jinja extension `copier_shout.Shout` is code, and was not loaded",
        "code/a.jinja:2 BP201 `lost` is not defined",
    ] == found(tmp_path / "blueprint", files)
    monkeypatch.syspath_prepend(tmp_path / "path")
    trusted = lint_blueprint(tmp_path / "blueprint", trust=True)
    assert ["code/a.jinja:2 `lost` is not defined"] == [
        f"{one.where} {one.message}" for one in trusted
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("uper", "Did you mean `upper`?"),
        (
            "slugify",
            (
                "It is of `cookiecutter.extensions.SlugifyExtension`: name that under "
                "`_jinja_extensions`."
            ),
        ),
        (
            "of_nobody_we_know",
            "Mend its name, or name the extension that has it under `_jinja_extensions`.",
        ),
    ],
)
def test_a_filter_that_is_not_known(tmp_path: Path, name: str, hint: str) -> None:
    """The hint is the name that may be meant, or where such a filter comes from."""
    write_files(tmp_path, {**CLEAN, "code/a.jinja": f"{{{{ service | {name} }}}}\n"})
    (finding,) = lint_blueprint(tmp_path)

    assert hint == finding.hint
