"""What `.gitattributes` of the repo say about merging counts; what the machine says does not."""

from pathlib import Path

import pytest

from tests.builders import write_files
from tests.upgrade.case import Case
from tests.upgrade.trees import Outcome, planned

BASE, NEW, MINE = "one\n", "one\ntheirs\n", "one\nmine\n"
MARKED = (
    "one\n<<<<<<< yours: main\nmine\n||||||| template v1.0.0\n=======\ntheirs\n"
    ">>>>>>> template v2.0.0\n"
)


def both_changed(
    case: Case, attributes: dict[str, str], path: str = "f.txt", folder: str = ""
) -> Outcome:
    """Both sides added a line at the end of a file, in a repo with these attributes files."""
    case.release("v1.0.0", {path: BASE})
    case.generate("v1.0.0", folder=folder)
    prefix = f"{folder}/" if folder else ""
    case.edit({**attributes, prefix + path: MINE})
    case.release("v2.0.0", {path: NEW})
    return planned(case.plan(folder=folder))


@pytest.mark.parametrize(
    "attributes",
    [
        {".gitattributes": "*.txt merge=union\n"},
        {".gitattributes": "[attr]lines merge=union\n*.txt lines\n"},
        {".gitattributes": "*.txt -merge\n", "docs/.gitattributes": "f.* merge=union\n"},
        {".gitattributes": '"docs/f.txt" merge=union\n'},
    ],
    ids=["simple", "macro", "in a folder", "quoted"],
)
def test_union_keeps_lines_of_both(case: Case, attributes: dict[str, str]) -> None:
    """Without a conflict."""
    outcome = both_changed(case, attributes, "docs/f.txt")

    assert ("one\nmine\ntheirs\n", []) == (outcome.texts["docs/f.txt"], outcome.conflicts)


@pytest.mark.parametrize("how", ["binary", "-merge", "merge=binary"])
def test_binary_files_are_not_merged(case: Case, how: str) -> None:
    """The owner's stays, as a conflict."""
    outcome = both_changed(case, {".gitattributes": f"*.txt {how}\n"})

    assert (MINE, [("f.txt", "binary")]) == (outcome.texts["f.txt"], outcome.conflicts)


def test_a_driver_of_the_owners_machine_is_told_and_not_run(case: Case) -> None:
    """The ordinary merge takes its place."""
    outcome = both_changed(case, {".gitattributes": "*.txt merge=ours\n"})

    assert ([("f.txt", "driver")], [("f.txt", "content")]) == (outcome.decided, outcome.conflicts)
    assert MARKED == outcome.texts["f.txt"]


@pytest.mark.parametrize("how", ["merge", "merge=text", "!merge", "text eol=crlf"])
def test_an_ordinary_file_is_merged_in_the_ordinary_way(case: Case, how: str) -> None:
    """Both lines in one place are a conflict."""
    outcome = both_changed(case, {".gitattributes": f"*.txt {how}\n"})

    assert (MARKED, [("f.txt", "content")]) == (outcome.texts["f.txt"], outcome.conflicts)


def test_attributes_above_the_templates_folder_count(case: Case) -> None:
    """Paths in them are those of the repo."""
    outcome = both_changed(case, {".gitattributes": "/sub/f.txt merge=union\n"}, folder="sub")

    assert "one\nmine\ntheirs\n" == outcome.texts["f.txt"]


@pytest.mark.parametrize("name", [".gitattributes/f.txt", "my.gitattributes", "gitattributes"])
def test_a_file_that_is_only_called_like_attributes_is_a_file(case: Case, name: str) -> None:
    """Nor is a folder of that name read."""
    outcome = both_changed(case, {}, name)

    assert (MARKED, [(name, "content")]) == (outcome.texts[name], outcome.conflicts)


def test_the_attributes_file_itself_is_merged(case: Case) -> None:
    """By what the owner has in it."""
    case.release("v1.0.0", {".gitattributes": "*.a text\n"})
    case.generate("v1.0.0")
    case.edit({".gitattributes": "*.a text\n.gitattributes merge=union\n"})
    case.release("v2.0.0", {".gitattributes": "*.a text\n*.b text\n"})

    outcome = planned(case.plan())

    assert ("*.a text\n.gitattributes merge=union\n*.b text\n", []) == (
        outcome.texts[".gitattributes"],
        outcome.conflicts,
    )


def test_attributes_of_the_machine_do_not_count(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same upgrade is the same on every machine."""
    attributes = {".gitattributes": "*.md text\n"}
    config = f"[core]\n    attributesFile = {tmp_path}/home/attributes\n"
    write_files(tmp_path / "home", {".gitconfig": config, "attributes": "* merge=union\n"})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    outcome = both_changed(case, attributes)

    assert [("f.txt", "content")] == outcome.conflicts
