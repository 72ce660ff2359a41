"""The answers that a blueprint is tested with."""

from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffold.authoring.matrix import _pairs, answer_matrix
from tests.authoring.blueprints import Author

LONGEST = "longest-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"


def values(author: Author, name: str) -> list[Any]:
    """What a question is answered with; `default` where nothing is given."""
    kit, versions = author.kit(), author.versions()
    rows = answer_matrix(versions.current, author.scratch, kit.supplied)
    return list(dict.fromkeys(str(row.get(name, "default")) for row in rows))


def test_the_first_set_is_all_defaults(author: Author) -> None:
    """What a service gets whose developer just presses Enter."""
    author.ask("size: {type: str, choices: [small, large], default: small}")
    rows = answer_matrix(author.versions().current, author.scratch, author.kit().supplied)

    assert {"service": "shop"} == rows[0]


def test_choices_are_all_tried(author: Author) -> None:
    """The default by giving nothing, the others by their value, not by what is shown."""
    author.ask("size: {type: str, choices: {Small one: s, Large one: l}, default: s}")

    assert ["default", "l"] == values(author, "size")


def test_yes_and_no_are_tried(author: Author) -> None:
    """Whichever is the default."""
    author.ask("monitoring: {type: bool, default: true}")

    assert ["default", "False"] == values(author, "monitoring")


def test_one_of_several_none_and_all_are_tried(author: Author) -> None:
    """For a question that takes several choices."""
    author.ask("parts: {type: str, multiselect: true, choices: [a, b], default: [a]}")

    assert {"default", "[]", "['a', 'b']"} == set(values(author, "parts"))


def test_a_choice_that_is_listed_is_tried_once(author: Author) -> None:
    """One that is never asked has to be listed to be tried at all, and then so are its choices."""
    author.ask(
        "kind: {type: str, choices: [a, b, c], default: a, ask: false}",
        "cached: {type: bool, default: false, ask: false}",
    )
    author.edit("blueprint.yml", "repos:", "test: {answers: {kind: [b], cached: [true]}}\nrepos:")
    kit, versions = author.kit(), author.versions()
    rows = answer_matrix(versions.current, author.scratch, kit.supplied)

    assert [2, 2] == [sum(row.get("kind") == kind for row in rows) for kind in ("b", "c")]
    assert 6 == len(rows)


def test_names_of_both_lengths_are_tried(author: Author) -> None:
    """The longest name that scaffold takes must fit everywhere."""
    assert ["shop", LONGEST] == values(author, "service")


def test_what_blueprint_yml_lists_is_tried_too(author: Author) -> None:
    """Awkward text, for example; a question without a default needs it."""
    author.ask("summary: {type: str}")
    author.edit("blueprint.yml", "repos:", 'test: {answers: {summary: ["a", "it\'s: #1"]}}\nrepos:')

    assert ["a", "it's: #1"] == values(author, "summary")


def test_what_nobody_is_asked_is_not_varied(author: Author) -> None:
    """Computed values, and what the platform answers."""
    author.ask(
        "computed: {type: bool, default: true, when: false}",
        "hidden: {type: bool, default: true, ask: false}",
    )
    rows = answer_matrix(author.versions().current, author.scratch, author.kit().supplied)

    assert {"service"} == {name for row in rows for name in row}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=4), min_size=1, max_size=6))
def test_every_pair_of_values_is_in_some_set(sizes: list[int]) -> None:
    """The law of the matrix: no two values of two questions are left untested together."""
    axes: list[list[Any]] = [[(n, value) for value in range(size)] for n, size in enumerate(sizes)]
    rows = _pairs(axes)

    found = {pair for row in rows for pair in combinations(row, 2)}
    wanted = {(a, b) for one, other in combinations(axes, 2) for a in one for b in other}
    assert set() == wanted - found
    assert {value for axis in axes for value in axis} == {value for row in rows for value in row}
