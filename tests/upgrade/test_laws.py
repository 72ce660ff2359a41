"""Laws of whole upgrades: random templates, released and rendered by copier, and random edits."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pygit2.enums import FileMode

from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, git
from tests.upgrade.case import Case
from tests.upgrade.random_trees import TREES, edits
from tests.upgrade.trees import Tree, planned

FEW = settings(deadline=None, max_examples=6, derandomize=True)
ANSWERS_FILE = ".copier-answers.yml"
QUESTIONS = b"name: {type: str, default: c}\nflag: {type: bool, default: true}\n"


@dataclass(frozen=True)
class Story:
    """Two versions of a template, and where the owner's random edits come from."""

    v1: Tree
    v2: Tree
    data: st.DataObject

    @contextmanager
    def generated(self) -> Iterator[Case]:
        """A repo of v1."""
        with tempfile.TemporaryDirectory() as folder:
            case = Case(Path(folder))
            release(case, "v1.0.0", self.v1)
            case.generate("v1.0.0")
            yield case

    def edit(self, case: Case) -> tuple[Tree, Tree]:
        """Let the owner edit the repo; return what was there, and what is there now."""
        before = case.ours()
        answers = before[ANSWERS_FILE]
        files = {path: entry for path, entry in before.items() if path != ANSWERS_FILE}
        after = self.data.draw(edits(files, ("one", "two", "mine", "my own")))
        lay_out({**after, ANSWERS_FILE: answers}, case.repo)
        case.commit()
        return before, case.ours()


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Files and folders, some named by an answer, some on a condition, some filled in."""
    v1 = draw(TREES.map(without_links))
    v2 = draw(edits(v1, ("one", "two", "new")).map(without_links))
    return Story(v1, v2, draw(st.data()))


def without_links(files: Tree) -> Tree:
    """Links in templates are another matter."""
    return {path: entry for path, entry in files.items() if entry.mode != FileMode.LINK}


def release(case: Case, tag: str, files: Tree) -> None:
    """Release plain files as a template that renders them with the default answers."""
    template = Path(case.template)
    if not template.exists():
        template.mkdir()
        git("init", "-q", "-b", "main", cwd=template)
    whole = {ANSWERS_NAME: Entry.file(ANSWERS_TEXT.encode()), "copier.yml": Entry.file(QUESTIONS)}
    for path, entry in files.items():
        named = "/".join("{{ name }}" if part == "c" else part for part in path.split("/"))
        if named.endswith("B"):
            named = f"{named[:-1]}{{% if flag %}}B{{% endif %}}"
        if named.endswith("d.txt") and b"\0" not in entry.data and entry.data.isascii():
            whole[f"{named}.jinja"] = Entry(entry.mode, entry.data + b"{{ name }}\n")
        else:
            whole[named] = entry
    lay_out(whole, template)
    case.release_as_it_is(tag)


def lay_out(files: Tree, folder: Path) -> None:
    """Make these the files of a checkout."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != ".git":
                shutil.rmtree(path)
        else:
            path.unlink()
    write_folder(files, folder)


def lines(entry: Entry | None) -> Counter[bytes]:
    """The lines of a file, whatever their ends; none where there is no file."""
    return Counter(entry.data.replace(b"\r\n", b"\n").split(b"\n") if entry else [])


@FEW
@given(stories())
def test_a_version_without_a_change_changes_nothing(story: Story) -> None:
    """But for the version that the answers file records."""
    with story.generated() as case:
        _, after = story.edit(case)
        release(case, "v2.0.0", story.v1)
        outcome = planned(case.plan())

    assert ([], []) == (outcome.decided, outcome.conflicts)
    assert without_answers(after) == without_answers(outcome.tree)


@FEW
@given(stories())
def test_a_repo_that_nobody_edited_becomes_a_fresh_one(story: Story) -> None:
    """Byte by byte, the answers file included."""
    with story.generated() as case:
        release(case, "v2.0.0", story.v2)
        outcome = planned(case.plan())

        assert (case.fresh("v2.0.0"), []) == (outcome.tree, outcome.conflicts)


@FEW
@given(stories())
def test_an_owners_line_that_the_blueprint_did_not_touch_is_there(story: Story) -> None:
    """Each line that the owner wrote is in the result, in a conflict or out of it."""
    with story.generated() as case:
        _, after = story.edit(case)
        release(case, "v2.0.0", story.v2)
        outcome = planned(case.plan())

    everywhere = {line for entry in outcome.tree.values() for line in lines(entry)}
    wrote = {line for entry in after.values() for line in lines(entry) if line.startswith(b"m")}
    assert set() == wrote - everywhere


@FEW
@given(stories())
def test_a_path_that_nobody_touched_is_byte_equal(story: Story) -> None:
    """Whatever happens around it."""
    with story.generated() as case:
        before, after = story.edit(case)
        release(case, "v2.0.0", story.v2)
        new = case.fresh("v2.0.0")
        outcome = planned(case.plan())

    same = {path for path, entry in before.items() if after.get(path) == entry == new.get(path)}
    assert {path: before[path] for path in same} == {path: outcome.tree.get(path) for path in same}


@FEW
@given(stories())
def test_nothing_that_the_owner_added_is_lost(story: Story) -> None:
    """A file of the owner's that the blueprint does not have is in the result, somewhere."""
    with story.generated() as case:
        before, after = story.edit(case)
        release(case, "v2.0.0", story.v2)
        new = case.fresh("v2.0.0")
        outcome = planned(case.plan())

    everywhere = [entry.data for entry in outcome.tree.values()]
    moved = {path for path, kind in outcome.decided if kind == "moved"}
    for path in after.keys() - before.keys() - new.keys() - moved:
        assert after[path].data in everywhere, path


def without_answers(files: Tree) -> Tree:
    """All but the answers file."""
    return {path: entry for path, entry in files.items() if path != ANSWERS_FILE}
