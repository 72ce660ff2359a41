"""Files that one side deleted or added: nothing of the owner's is lost, nothing comes back."""

import pytest

from tests.upgrade.case import Case
from tests.upgrade.trees import ONE, OTHER, merge, planned

CHANGED = ONE.replace("two", "TWO")
MINE = ONE.replace("five", "mine")


def start(case: Case) -> None:
    """A repo of v1 with two files."""
    case.release("v1.0.0", {"file.txt": ONE, "keep.txt": "keep\n"})
    case.generate("v1.0.0")


def test_a_deleted_file_stays_deleted_and_its_change_is_told(case: Case) -> None:
    """It does not come back when the blueprint touches it (copier-org/copier#1719)."""
    start(case)
    case.edit({"file.txt": None})
    case.release("v2.0.0", {"file.txt": CHANGED, "keep.txt": "keep\n"})

    outcome = planned(case.plan())

    assert {"keep.txt": "keep\n"} == outcome.texts
    assert ([("file.txt", "kept-deleted")], []) == (outcome.decided, outcome.conflicts)


def test_a_deleted_file_that_nobody_changed_is_not_mentioned(case: Case) -> None:
    """Its absence is no news."""
    start(case)
    case.edit({"file.txt": None})
    case.release("v2.0.0", {"file.txt": ONE, "keep.txt": "kept\n"})

    outcome = planned(case.plan())

    assert ({"keep.txt": "kept\n"}, [("keep.txt", "updated")]) == (outcome.texts, outcome.decided)


def test_a_file_that_both_deleted_is_not_mentioned(case: Case) -> None:
    """There is nothing left to decide."""
    start(case)
    case.edit({"file.txt": None})
    case.release("v2.0.0", {"keep.txt": "keep\n"})

    outcome = planned(case.plan())

    assert ({"keep.txt": "keep\n"}, [], []) == (outcome.texts, outcome.decided, outcome.conflicts)


def test_a_deleted_file_that_the_blueprint_moved_stays_deleted(case: Case) -> None:
    """It does not come back under its new name; the plan says where the blueprint has it."""
    start(case)
    case.edit({"file.txt": None})
    case.release("v2.0.0", {"docs/file.txt": ONE, "keep.txt": "keep\n"})

    outcome = planned(case.plan())

    assert ({"keep.txt": "keep\n"}, [("file.txt", "kept-deleted")]) == (
        outcome.texts,
        outcome.decided,
    )
    assert "you deleted it, the blueprint moved it to docs/file.txt" == outcome.details["file.txt"]


def test_a_deleted_folder_gets_the_files_that_are_new(case: Case) -> None:
    """What the owner deleted stays so; what they never saw is added."""
    case.release("v1.0.0", {"docs/a.md": ONE, "docs/b.md": OTHER})
    case.generate("v1.0.0")
    case.edit({"docs": None})
    case.release("v2.0.0", {"docs/a.md": ONE, "docs/b.md": OTHER, "docs/c.md": "new\n"})

    outcome = planned(case.plan())

    assert ({"docs/c.md": "new\n"}, [("docs/c.md", "added")]) == (outcome.texts, outcome.decided)


def test_a_removed_file_that_the_owner_edited_is_kept_as_a_conflict(case: Case) -> None:
    """A person decides; it is never kept in silence (Roche/foxops#626)."""
    start(case)
    case.edit({"file.txt": MINE})
    case.release("v2.0.0", {"keep.txt": "keep\n"})

    plan = case.plan()
    outcome = planned(plan)

    assert ("would-conflict", [("file.txt", "removed-by-blueprint")]) == (
        plan.state,
        outcome.conflicts,
    )
    assert {"file.txt": MINE, "keep.txt": "keep\n"} == outcome.texts


def test_a_removed_file_of_other_line_ends_was_not_edited(case: Case) -> None:
    """A checkout that turns line ends does not keep a file alive."""
    start(case)
    case.edit({"file.txt": ONE.replace("\n", "\r\n")})
    case.release("v2.0.0", {"keep.txt": "keep\n"})

    outcome = planned(case.plan())

    assert ({"keep.txt": "keep\n"}, [("file.txt", "removed")]) == (outcome.texts, outcome.decided)


def test_a_removed_file_that_the_owner_moved_is_kept_as_a_conflict(case: Case) -> None:
    """Moving is caring for it."""
    start(case)
    case.edit({"file.txt": None, "mine/file.txt": ONE})
    case.release("v2.0.0", {"keep.txt": "keep\n", "new.txt": "new\n"})

    outcome = planned(case.plan())

    assert [("mine/file.txt", "removed-by-blueprint")] == outcome.conflicts
    assert ONE == outcome.texts["mine/file.txt"]


def test_a_file_that_both_added_alike_is_no_conflict(case: Case) -> None:
    """The owner has it already."""
    start(case)
    case.edit({"new.txt": OTHER})
    case.release("v2.0.0", {"file.txt": ONE, "keep.txt": "keep\n", "new.txt": OTHER})

    outcome = planned(case.plan())

    assert ([], [], OTHER) == (outcome.decided, outcome.conflicts, outcome.texts["new.txt"])


def test_a_file_that_both_added_differently_is_a_conflict(case: Case) -> None:
    """Both texts are there, against an empty base (copier-org/copier#1587)."""
    start(case)
    case.edit({"new.txt": "mine\n"})
    case.release("v2.0.0", {"file.txt": ONE, "keep.txt": "keep\n", "new.txt": "theirs\n"})

    outcome = planned(case.plan())

    assert [("new.txt", "both-added")] == outcome.conflicts
    assert (
        "<<<<<<< yours: main\nmine\n||||||| template v1.0.0\n=======\ntheirs\n"
        ">>>>>>> template v2.0.0\n"
    ) == outcome.texts["new.txt"]


@pytest.mark.parametrize("added", [b"\0mine", b"\xff\xfem\0i\0"])
def test_a_binary_file_that_both_added_stays_the_owners(case: Case, added: bytes) -> None:
    """No markers go into it."""
    start(case)
    case.edit({"new.bin": added})
    case.release("v2.0.0", {"file.txt": ONE, "keep.txt": "keep\n", "new.bin": b"\0theirs"})

    outcome = planned(case.plan())

    assert ([("new.bin", "binary")], added) == (outcome.conflicts, outcome.tree["new.bin"].data)


def test_an_ignored_generated_file_is_updated_like_any_other(case: Case) -> None:
    """The repo's ignore rules remove nothing (copier-org/copier#1162)."""
    start(case)
    case.edit({".gitignore": "file.txt\n*.local\n", "mine.local": "mine\n"})
    case.release("v2.0.0", {"file.txt": CHANGED, "keep.txt": "keep\n"})

    outcome = planned(case.plan())

    assert {
        ".gitignore": "file.txt\n*.local\n",
        "file.txt": CHANGED,
        "keep.txt": "keep\n",
        "mine.local": "mine\n",
    } == outcome.texts


def test_a_file_comes_back_when_the_blueprint_brings_it_back(case: Case) -> None:
    """Removed in one version and added in a later one, it is new to the repo."""
    start(case)
    case.release("v2.0.0", {"keep.txt": "keep\n"})
    case.release("v3.0.0", {"file.txt": CHANGED, "keep.txt": "keep\n"})
    case.edit({"file.txt": None, ".copier-answers.yml": answers(case, "v2.0.0")})

    outcome = planned(case.plan())

    assert [("file.txt", "added")] == outcome.decided


def answers(case: Case, version: str) -> str:
    """An answers file of this version without any answers."""
    return f"_commit: {version}\n_src_path: {case.template}\n"


def test_the_answers_file_is_never_merged() -> None:
    """It is the blueprint's as a whole, whatever was written into it."""
    base, theirs = {"answers": "_commit: v1\n"}, {"answers": "_commit: v2\n"}

    outcome = merge(base, theirs, {"answers": "mine\n"}, whole=frozenset({"answers"}))

    assert (theirs, [], []) == (outcome.texts, outcome.decided, outcome.conflicts)
