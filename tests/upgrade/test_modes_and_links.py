"""What is beside a file's content: its exec bit, whether it is a link, a submodule."""

from pathlib import Path

import pytest
from pygit2.enums import FileMode

from scaffold.git.tree import Entry
from tests.upgrade.case import Case
from tests.upgrade.trees import ONE, Content, merge, planned, submodule, tree

NEW = ONE.replace("two", "TWO")
MINE = ONE.replace("five", "mine")


def script(text: str) -> Entry:
    """An executable file."""
    return Entry(FileMode.BLOB_EXECUTABLE, text.encode())


def test_an_exec_bit_alone_is_a_change(case: Case) -> None:
    """It reaches the repo, and a second upgrade has nothing to do (copier-org/copier#2604)."""
    case.release("v1.0.0", {"run.sh": ONE})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"run.sh": ONE})
    template = Path(case.template)
    (template / "run.sh").chmod(0o755)
    case.release_as_it_is("v2.0.0")

    outcome = planned(case.plan())

    assert (script(ONE), [("run.sh", "updated")]) == (outcome.tree["run.sh"], outcome.decided)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "expected"),
    [
        (ONE, script(ONE), MINE, script(MINE)),
        (script(ONE), ONE, MINE, Entry.file(MINE.encode())),
        (ONE, NEW, script(ONE), script(NEW)),
        (script(ONE), script(NEW), ONE, Entry.file(NEW.encode())),
        (ONE, script(NEW), script(MINE), script(NEW.replace("five", "mine"))),
        (ONE, script(ONE), script(ONE), script(ONE)),
    ],
    ids=["added", "removed", "the owner's", "taken away by the owner", "both", "alike"],
)
def test_the_exec_bit_of_who_changed_it_counts(
    base: Content, theirs: Content, ours: Content, expected: Entry
) -> None:
    """Whatever became of the content."""
    outcome = merge({"f": base}, {"f": theirs}, {"f": ours})

    assert ({"f": expected}, []) == (outcome.tree, outcome.conflicts)


def test_the_exec_bit_of_a_file_that_both_added_is_the_owners() -> None:
    """The content is the same, so there is no conflict."""
    outcome = merge({}, {"f": script(ONE)}, {"f": ONE})

    assert (tree({"f": ONE}), []) == (outcome.tree, outcome.conflicts)


def test_a_removed_file_whose_exec_bit_the_owner_set_is_a_conflict() -> None:
    """Setting it is touching it."""
    assert [("f", "removed-by-blueprint")] == merge({"f": ONE}, {}, {"f": script(ONE)}).conflicts


@pytest.mark.parametrize(
    ("base", "theirs"),
    [
        (ONE, Path("elsewhere")),
        (Path("elsewhere"), ONE),
        (Path("a"), Path("b")),
        (ONE, Path("not/there")),
        (Path("../outside"), ONE),
        (ONE, Path("folder")),
    ],
    ids=["file to link", "link to file", "other target", "dangling", "from outside", "to a folder"],
)
def test_the_blueprints_links_are_entries_like_any_other(base: Content, theirs: Content) -> None:
    """The entry itself is replaced, never what it points to (copier-org/copier#1409)."""
    around = {"elsewhere": "untouched\n", "folder/a": "untouched\n"}

    outcome = merge({**around, "f": base}, {**around, "f": theirs}, {**around, "f": base})

    assert (tree({**around, "f": theirs}), [("f", "updated")]) == (outcome.tree, outcome.decided)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "kind"),
    [
        (ONE, NEW, Path("/etc/passwd"), "type"),
        (ONE, Path("x"), MINE, "type"),
        (Path("x"), Path("y"), MINE, "type"),
        (Path("x"), MINE, Path("z"), "type"),
        (Path("x"), Path("y"), Path("z"), "link"),
        (ONE, NEW, submodule(), "submodule"),
        (None, ONE, Path("x"), "type"),
        (None, Path("y"), Path("x"), "link"),
        (None, ONE, submodule(), "submodule"),
    ],
)
def test_what_is_of_another_kind_stays_the_owners(
    base: Content | None, theirs: Content, ours: Content, kind: str
) -> None:
    """It is neither overwritten nor written through (copier-org/copier#2838)."""
    outcome = merge({} if base is None else {"f": base}, {"f": theirs}, {"f": ours})

    assert (tree({"f": ours}), [("f", kind)]) == (outcome.tree, outcome.conflicts)


@pytest.mark.parametrize("ours", [Path("x"), submodule(), MINE])
def test_the_owners_kind_of_a_file_that_the_blueprint_left_is_no_conflict(ours: Content) -> None:
    """It is the owner's alone."""
    outcome = merge({"f": ONE, "g": ONE}, {"f": ONE, "g": NEW}, {"f": ours, "g": ONE})

    assert (tree({"f": ours})["f"], []) == (outcome.tree["f"], outcome.conflicts)


def test_a_link_in_place_of_a_folder_gets_nothing_below_it() -> None:
    """The owner's link may point out of the repo."""
    outcome = merge(
        {"docs/a": ONE}, {"docs/a": NEW, "docs/b": "new\n"}, {"docs": Path("../outside")}
    )

    assert tree({"docs": Path("../outside")}) == outcome.tree
    assert ([("docs/a", "kept-deleted")], [("docs/b", "path-taken")]) == (
        outcome.decided,
        outcome.conflicts,
    )


def test_links_of_a_template_reach_the_repo(case: Case) -> None:
    """File to link and link to file, by copier's own render, with `_preserve_symlinks`."""
    keep = "_preserve_symlinks: true\n"
    case.release("v1.0.0", {"real": "real\n", "a": "file\n", "b": Path("real")}, keep)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"real": "real\n", "a": Path("real"), "b": "file\n"}, keep)

    outcome = planned(case.plan())

    assert (case.fresh("v2.0.0"), []) == (outcome.tree, outcome.conflicts)
    assert (FileMode.LINK, FileMode.BLOB) == (outcome.tree["a"].mode, outcome.tree["b"].mode)


def test_a_real_submodule_is_left_alone(case: Case) -> None:
    """Its entry and `.gitmodules` are as they were."""
    case.release("v1.0.0", {"f": ONE})
    case.generate("v1.0.0")
    case.add_submodule("vendor/lib")
    before = case.ours()
    case.release("v2.0.0", {"f": NEW})

    outcome = planned(case.plan())

    assert FileMode.COMMIT == before["vendor/lib"].mode
    assert before["vendor/lib"] == outcome.tree["vendor/lib"]
    assert before[".gitmodules"] == outcome.tree[".gitmodules"]
    assert ([("f", "updated")], []) == (outcome.decided, outcome.conflicts)


def test_a_submodule_where_the_blueprint_has_a_folder_now_is_kept(case: Case) -> None:
    """Nothing is put into it."""
    case.release("v1.0.0", {"f": ONE})
    case.generate("v1.0.0")
    case.add_submodule("vendor")
    case.release("v2.0.0", {"f": ONE, "vendor/f": ONE})

    outcome = planned(case.plan())

    assert (case.ours()["vendor"], [("vendor/f", "path-taken")]) == (
        outcome.tree["vendor"],
        outcome.conflicts,
    )
