"""Files that one side moved or both did: the other side's change follows."""

from pathlib import Path

import pytest

from scaffold.merge.decisions import Conflict, ConflictKind
from scaffold.merge.trees import Rules, merge_trees
from tests.upgrade.trees import LABELS, ONE, OTHER, merge, submodule, tree

NEW = ONE.replace("two", "TWO")
MINE = ONE.replace("five", "mine")
BOTH = NEW.replace("five", "mine")


def test_an_edit_follows_the_blueprints_move() -> None:
    """Its old place is empty then (cruft/cruft#53)."""
    outcome = merge({"f.txt": ONE}, {"g.txt": NEW}, {"f.txt": MINE})

    assert ({"g.txt": BOTH}, [("g.txt", "moved")], []) == (
        outcome.texts,
        outcome.decided,
        outcome.conflicts,
    )
    assert "the blueprint moved it from f.txt" == outcome.details["g.txt"]


def test_a_conflicting_edit_follows_the_blueprints_move() -> None:
    """The markers are in the new place."""
    outcome = merge({"f.txt": ONE}, {"g.txt": NEW}, {"f.txt": ONE.replace("two", "mine")})

    assert ({"g.txt"}, [("g.txt", "content")]) == (set(outcome.tree), outcome.conflicts)


def test_a_conflict_tells_where_the_renders_have_the_file() -> None:
    """So that all three sides can be found of a file that was moved."""
    mine, base = ONE.replace("two", "mine"), tree({"f.txt": ONE})

    moved = merge_trees(base, tree({"g.txt": NEW}), tree({"f.txt": mine}), Rules(LABELS))
    followed = merge_trees(base, tree({"f.txt": NEW}), tree({"g.txt": mine}), Rules(LABELS))

    kind = ConflictKind.CONTENT
    assert (Conflict("g.txt", kind, base_path="f.txt"),) == moved.conflicts
    expected = Conflict("g.txt", kind, base_path="f.txt", their_path="f.txt")
    assert (expected,) == followed.conflicts


def test_a_change_follows_the_owners_move() -> None:
    """It does not bring the old place back."""
    outcome = merge({"f.txt": ONE}, {"f.txt": NEW}, {"mine/g.txt": MINE})

    assert ({"mine/g.txt": BOTH}, [("mine/g.txt", "moved")]) == (outcome.texts, outcome.decided)
    assert "you moved it from f.txt; the change followed" == outcome.details["mine/g.txt"]


def test_a_move_of_line_ends_is_still_a_move() -> None:
    """Line ends do not hide which file it is."""
    crlf = ONE.replace("\n", "\r\n")

    assert {"g.txt": NEW.replace("\n", "\r\n")} == merge(
        {"f.txt": ONE}, {"f.txt": NEW}, {"g.txt": crlf}
    ).texts


def test_the_same_move_by_both_is_one_move() -> None:
    """The change follows where the owner is already."""
    outcome = merge({"f.txt": ONE}, {"g.txt": NEW}, {"g.txt": MINE})

    assert ({"g.txt": BOTH}, []) == (outcome.texts, outcome.conflicts)


def test_a_new_place_that_the_owner_copied_by_hand_is_no_conflict() -> None:
    """The old file, which is not edited, goes."""
    outcome = merge({"f.txt": ONE}, {"g.txt": NEW}, {"f.txt": ONE, "g.txt": NEW})

    assert ({"g.txt": NEW}, [("f.txt", "removed")], []) == (
        outcome.texts,
        outcome.decided,
        outcome.conflicts,
    )


def test_moves_elsewhere_by_both_are_a_conflict() -> None:
    """It stays where the owner has it, with the blueprint's change."""
    outcome = merge({"f.txt": ONE}, {"theirs/f.txt": NEW}, {"mine/f.txt": MINE})

    assert ({"mine/f.txt": BOTH}, [("mine/f.txt", "moved-twice")]) == (
        outcome.texts,
        outcome.conflicts,
    )


@pytest.mark.parametrize(
    ("there", "here", "place"),
    [("new/f.txt", "old/g.txt", "new/g.txt"), ("old/g.txt", "new/f.txt", "new/g.txt")],
)
def test_a_new_folder_and_a_new_name_both_count(there: str, here: str, place: str) -> None:
    """One side moved it to a folder, the other one renamed it."""
    outcome = merge({"old/f.txt": ONE}, {there: NEW}, {here: MINE})

    assert ({place: BOTH}, []) == (outcome.texts, outcome.conflicts)


def test_a_move_onto_a_file_of_the_owners_is_a_conflict() -> None:
    """Both of the owner's files stay; the change is merged where the file is."""
    outcome = merge({"f.txt": ONE}, {"g.txt": NEW}, {"f.txt": MINE, "g.txt": "my own\n"})

    assert ({"f.txt": BOTH, "g.txt": "my own\n"}, [("f.txt", "path-taken")]) == (
        outcome.texts,
        outcome.conflicts,
    )


@pytest.mark.parametrize(
    ("there", "own"), [("g/f.txt", "g"), ("g", "g/own.txt"), ("g/h/f.txt", "g/h")]
)
def test_a_move_into_a_file_or_onto_a_folder_of_the_owners_is_a_conflict(
    there: str, own: str
) -> None:
    """A path is never a file and a folder at once."""
    outcome = merge({"f.txt": ONE}, {there: ONE}, {"f.txt": ONE, own: "my own\n"})

    assert ({"f.txt": ONE, own: "my own\n"}, [("f.txt", "path-taken")]) == (
        outcome.texts,
        outcome.conflicts,
    )


def test_an_edit_follows_when_the_blueprint_swaps_two_files() -> None:
    """Each edit is in the file that it was made in."""
    outcome = merge(
        {"a.txt": ONE, "b.txt": OTHER},
        {"a.txt": OTHER, "b.txt": ONE},
        {"a.txt": MINE, "b.txt": OTHER.replace("alpha", "MINE")},
    )

    assert {"a.txt": OTHER.replace("alpha", "MINE"), "b.txt": MINE} == outcome.texts
    assert ([("a.txt", "moved"), ("b.txt", "moved")], []) == (outcome.decided, outcome.conflicts)


def test_a_change_follows_when_the_owner_swaps_two_files() -> None:
    """The same the other way round."""
    outcome = merge(
        {"a.txt": ONE, "b.txt": OTHER},
        {"a.txt": NEW, "b.txt": OTHER},
        {"a.txt": OTHER, "b.txt": ONE},
    )

    assert ({"a.txt": OTHER, "b.txt": NEW}, []) == (outcome.texts, outcome.conflicts)


def test_a_swap_by_both_is_one_swap() -> None:
    """Not one there and back again."""
    swapped = {"a.txt": OTHER, "b.txt": ONE}

    assert swapped == merge({"a.txt": ONE, "b.txt": OTHER}, swapped, swapped).texts


def test_an_edit_follows_each_file_of_a_chain_of_moves() -> None:
    """The blueprint moved one file to where another one was."""
    outcome = merge(
        {"a.txt": ONE, "b.txt": OTHER},
        {"b.txt": ONE, "c.txt": OTHER},
        {"a.txt": MINE, "b.txt": OTHER},
    )

    assert ({"b.txt": MINE, "c.txt": OTHER}, []) == (outcome.texts, outcome.conflicts)


def test_a_chain_of_moves_ends_where_one_of_them_is_blocked() -> None:
    """What can't move stays, and so does what should have come in its place."""
    outcome = merge(
        {"a.txt": ONE, "b.txt": OTHER},
        {"b.txt": ONE, "c.txt": OTHER},
        {"a.txt": MINE, "b.txt": OTHER, "c.txt": "my own\n"},
    )

    assert {"a.txt": MINE, "b.txt": OTHER, "c.txt": "my own\n"} == outcome.texts
    assert [("a.txt", "path-taken"), ("b.txt", "path-taken")] == outcome.conflicts


def test_a_file_does_not_become_a_link_by_a_move() -> None:
    """A link that points to `x` is not the file that says `x`."""
    assert [("f", "removed"), ("link", "added")] == (
        merge({"f": "x"}, {"link": Path("x")}, {"f": "x"}).decided
    )


def test_a_file_that_the_owner_replaced_does_not_move() -> None:
    """The owner's submodule is not the blueprint's file any more."""
    outcome = merge({"lib": ONE}, {"core": ONE}, {"lib": submodule()})

    assert ({"lib"}, [("lib", "submodule")]) == (set(outcome.tree), outcome.conflicts)


def test_a_move_that_changes_the_case_alone_is_a_move() -> None:
    """The file is no obstacle to itself."""
    outcome = merge({"readme.md": ONE}, {"README.md": NEW}, {"readme.md": MINE})

    assert ({"README.md": BOTH}, []) == (outcome.texts, outcome.conflicts)


def test_a_move_of_a_file_to_one_in_a_folder_of_its_own_name_is_a_move() -> None:
    """`conf` becomes `conf/main`, or the reverse: it is no obstacle to itself."""
    there = merge({"conf": ONE}, {"conf/main": NEW}, {"conf": MINE})
    back = merge({"conf/main": ONE}, {"conf": NEW}, {"conf/main": MINE})

    assert ({"conf/main": BOTH}, []) == (there.texts, there.conflicts)
    assert ({"conf": BOTH}, []) == (back.texts, back.conflicts)


def test_many_files_are_told_apart_by_their_names() -> None:
    """Beyond a certain number not every pair is compared; a file that kept its name is found."""
    base = {f"old/{number}.txt": f"{number}\n{ONE}" for number in range(210)}
    new = {f"new/{number}.txt": f"{number}\n{NEW}" for number in range(210)}
    mine = {**base, "old/7.txt": base["old/7.txt"] + "mine\n"}

    outcome = merge(base, new, mine)

    assert {**new, "new/7.txt": new["new/7.txt"] + "mine\n"} == outcome.texts


def test_a_file_that_is_new_for_the_most_part_is_another_file() -> None:
    """Less than half of it is the same, so the edit stays where it is, as a conflict."""
    outcome = merge({"f.txt": ONE}, {"g.txt": "one\ntwo\n" + OTHER}, {"f.txt": MINE})

    assert {"f.txt": MINE, "g.txt": "one\ntwo\n" + OTHER} == outcome.texts
    assert [("f.txt", "removed-by-blueprint")] == outcome.conflicts


def test_a_move_of_a_deleted_file_onto_one_of_the_owners_is_a_conflict_of_both() -> None:
    """The owner's file has nothing to do with the one that they deleted."""
    outcome = merge({"f.txt": ONE}, {"g.txt": ONE}, {"g.txt": "my own\n"})

    assert [("g.txt", "both-added")] == outcome.conflicts
    assert (
        f"<<<<<<< ours\nmy own\n||||||| base\n=======\n{ONE}>>>>>>> theirs\n"
        == (outcome.texts["g.txt"])
    )
