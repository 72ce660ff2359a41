"""A file where a folder was, or the reverse, on either side; and names that can't live together."""

import pytest

from tests.upgrade.trees import ONE, OTHER, Content, merge, submodule

COMPOSED, DECOMPOSED = "caf\u00e9.txt", "cafe\u0301.txt"


def test_the_blueprints_file_that_became_a_folder_is_replaced() -> None:
    """Where the owner did not touch it."""
    outcome = merge({"conf": ONE}, {"conf/a": OTHER}, {"conf": ONE})

    assert ({"conf/a": OTHER}, [("conf", "removed"), ("conf/a", "added")]) == (
        outcome.texts,
        outcome.decided,
    )


def test_the_blueprints_folder_that_became_a_file_is_replaced() -> None:
    """Where the owner did not touch it."""
    outcome = merge({"conf/a": OTHER}, {"conf": ONE}, {"conf/a": OTHER})

    assert ({"conf": ONE}, [("conf", "added"), ("conf/a", "removed")]) == (
        outcome.texts,
        outcome.decided,
    )


def test_an_edited_file_stays_where_the_blueprint_has_a_folder_now() -> None:
    """It can't be both, so the folder's files are not added."""
    outcome = merge({"conf": ONE}, {"conf/a": OTHER}, {"conf": "mine\n"})

    assert {"conf": "mine\n"} == outcome.texts
    assert [("conf", "removed-by-blueprint"), ("conf/a", "path-taken")] == outcome.conflicts


def test_a_folder_with_files_of_the_owners_stays_where_the_blueprint_has_a_file_now() -> None:
    """The blueprint's file is left out, and told."""
    outcome = merge({"conf/a": OTHER}, {"conf": ONE}, {"conf/a": OTHER, "conf/mine": "mine\n"})

    assert ({"conf/mine": "mine\n"}, [("conf", "path-taken")]) == (
        outcome.texts,
        outcome.conflicts,
    )


def test_the_owners_folder_in_place_of_the_blueprints_file_stays() -> None:
    """The file was deleted, and stays so."""
    outcome = merge({"conf": ONE}, {"conf": ONE + "six\n"}, {"conf/mine": "mine\n"})

    assert ({"conf/mine": "mine\n"}, [("conf", "kept-deleted")]) == (
        outcome.texts,
        outcome.decided,
    )


def test_the_owners_file_in_place_of_the_blueprints_folder_stays() -> None:
    """What the blueprint adds to the folder is left out, and told."""
    outcome = merge({"conf/a": ONE}, {"conf/a": ONE + "six\n", "conf/b": OTHER}, {"conf": "mine\n"})

    assert {"conf": "mine\n"} == outcome.texts
    assert ([("conf/a", "kept-deleted")], [("conf/b", "path-taken")]) == (
        outcome.decided,
        outcome.conflicts,
    )


@pytest.mark.parametrize("own", ["mine\n", submodule()], ids=["file", "submodule"])
def test_nothing_is_added_below_something_of_the_owners(own: Content) -> None:
    """A file, a link or a submodule is no folder."""
    outcome = merge({}, {"lib/a": ONE}, {"lib": own})

    assert ({"lib"}, [("lib/a", "path-taken")]) == (set(outcome.tree), outcome.conflicts)
    assert "you have lib, which is no folder" == outcome.details["lib/a"]


@pytest.mark.parametrize(
    ("own", "new"),
    [
        ("readme.md", "README.md"),
        ("Docs/a.md", "docs/a.md"),
        ("STRASSE", "stra\u00dfe"),
        (COMPOSED, DECOMPOSED),
        (DECOMPOSED, COMPOSED),
    ],
)
def test_a_name_that_differs_in_case_or_form_alone_is_a_conflict(own: str, new: str) -> None:
    """Some file systems take the two for one, so the blueprint's is not added."""
    outcome = merge({}, {new: ONE}, {own: "mine\n"})

    assert ({own: "mine\n"}, [(new, "case")]) == (outcome.texts, outcome.conflicts)


def test_a_folder_that_differs_from_a_file_in_case_alone_is_a_conflict() -> None:
    """`Docs` and `docs/a.md`."""
    outcome = merge({}, {"docs/a.md": ONE}, {"Docs": "mine\n"})

    assert ({"Docs": "mine\n"}, [("docs/a.md", "path-taken")]) == (
        outcome.texts,
        outcome.conflicts,
    )


def test_names_of_the_blueprint_that_differ_in_case_are_its_own_affair() -> None:
    """They are rendered as they are."""
    outcome = merge({"a": ONE}, {"a": ONE, "A": OTHER}, {"a": ONE})

    assert ({"A": OTHER, "a": ONE}, []) == (outcome.texts, outcome.conflicts)


@pytest.mark.parametrize(
    "name",
    [
        COMPOSED,
        DECOMPOSED,
        "n" * 255,
        "\u540d" * 80,
        "a b\tc.txt",
        "-rf",
        "[x]*?.txt",
        "\\.txt",
        ":(top)",
        "latin-\udce4.txt",
    ],
)
def test_odd_names_are_names(name: str) -> None:
    """Unicode in either form, long ones, those that mean something elsewhere."""
    outcome = merge({name: ONE}, {name: ONE.replace("two", "TWO")}, {name: ONE + "mine\n"})

    assert ({name: ONE.replace("two", "TWO") + "mine\n"}, []) == (
        outcome.texts,
        outcome.conflicts,
    )
