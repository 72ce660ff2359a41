"""Which artefacts a pin was moved away from: told by ancestry alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.chain.holds import held_artefacts

# Upstream is a line of commits 0, 1, 2, ...; what a commit amounts to is its letter.
HISTORIES = st.lists(st.one_of(st.none(), st.integers(0, 6).map(str)), max_size=12)
ARTEFACTS = st.lists(st.sampled_from("abc"), min_size=7, max_size=7)


def older(one: str, other: str) -> bool:
    """Whether a commit comes before another."""
    return int(one) < int(other)


def held(values: list[str | None], letters: str = "abcdefg") -> str:
    """What is held, as letters in order."""
    found = held_artefacts(values, is_ancestor=older, artefact=lambda one: letters[int(one)])
    return "".join(sorted(found))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ""),
        (["0"], ""),
        (["0", "1", "2"], ""),
        (["0", "1", "0"], "b"),
        (["0", "2", "0"], "c"),  # what it had jumped over was never here
        (["0", "1", "2", "1", "0"], "bc"),
        (["0", "1", "0", "2"], "b"),  # moving on does not make the old one good
        (["0", "1", "0", "1"], ""),  # a revert of the revert
        ([None, "1", None], "b"),  # the first release, reverted
        ([None, "1", None, "1"], ""),
        (["0", "1", None, "2", "0"], "bc"),
    ],
)
def test_what_is_held(values: list[str | None], expected: str) -> None:
    """What a pin went back from, until somebody puts it there again."""
    assert expected == held(values)


def test_what_amounts_to_the_same_as_what_is_there_is_not_held() -> None:
    """Going back over a README commit holds nothing that runs."""
    assert "" == held(["0", "1", "0"], "aaaaaaa")


def test_a_move_to_another_line_of_history_is_no_move_back() -> None:
    """A hotfix branch, or an upstream whose history was replaced."""
    assert frozenset() == held_artefacts(
        ["0", "1", "0"], is_ancestor=lambda *_: False, artefact=lambda one: one
    )


@given(HISTORIES, ARTEFACTS)
def test_what_is_there_is_never_held(values: list[str | None], letters: list[str]) -> None:
    """Or an environment would wait for what it has."""
    there = values[-1] if values else None
    assert there is None or letters[int(there)] not in held(values, "".join(letters))


@given(HISTORIES, ARTEFACTS)
def test_only_what_was_there_is_held(values: list[str | None], letters: list[str]) -> None:
    """A hold is on what was tried here."""
    was_there = {letters[int(one)] for one in values if one is not None}
    assert set(held(values, "".join(letters))) <= was_there


@given(st.lists(st.integers(0, 6), max_size=12))
def test_whoever_only_moves_forward_holds_nothing(line: list[int]) -> None:
    """The bot alone never makes a hold, and asks for no artefact."""

    def never(_: str) -> str:
        raise AssertionError("an artefact was asked for")

    values = [str(one) for one in sorted(line)]
    assert frozenset() == held_artefacts(values, is_ancestor=older, artefact=never)


@given(HISTORIES, st.integers(0, 6), ARTEFACTS)
def test_a_promotion_ends_a_hold(
    values: list[str | None], promoted: int, letters: list[str]
) -> None:
    """Whatever happened before: what somebody puts there is not held any more."""
    assert letters[promoted] not in held([*values, str(promoted)], "".join(letters))


@given(HISTORIES, ARTEFACTS)
def test_saying_it_twice_changes_nothing(values: list[str | None], letters: list[str]) -> None:
    """A commit that rewrites a pin with the same value is no move."""
    twice = [one for one in values for _ in range(2)]
    assert held(values, "".join(letters)) == held(twice, "".join(letters))
