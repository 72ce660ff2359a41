"""The error hierarchy: docs, scripts and CI rely on its references and exit statuses."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import scaffold
from scaffold import errors
from scaffold.errors import ScaffoldError


def all_errors(root: type[ScaffoldError] = ScaffoldError) -> Iterator[type[ScaffoldError]]:
    """The root and every class below it, wherever in the program it is."""
    yield root
    for one in root.__subclasses__():
        yield from all_errors(one)


@pytest.fixture(scope="module", autouse=True)
def _whole_program() -> None:
    """Import every module, so that every error class is there."""
    for module in pkgutil.walk_packages(scaffold.__path__, "scaffold."):
        if module.name != "scaffold.__main__":
            importlib.import_module(module.name)


def drawn() -> dict[str, str]:
    """The tree in the module's docstring: each class, and the one that it is drawn below."""
    assert errors.__doc__
    lines = errors.__doc__.splitlines()
    start = lines.index("ScaffoldError")
    above = {-1: "", 0: "ScaffoldError"}
    found = {"ScaffoldError": ""}
    for line in lines[start + 1 :]:
        match = re.match(r"(?P<indent>[\u2502 ]*)[\u251c\u2514]\u2500\u2500 (?P<name>\w+)", line)
        assert match, line
        depth = len(match["indent"]) // 4 + 1
        found[match["name"]] = above[depth - 1]
        above[depth] = match["name"]
    return found


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Each class is drawn below the one that it is derived from, and no class is missing."""
    expected = {one.__name__: one.__mro__[1].__name__ for one in all_errors()}

    assert {**expected, "ScaffoldError": ""} == drawn()


def test_each_class_has_a_reference_of_its_own() -> None:
    """It is an anchor in the docs: two classes with the same one could not be told apart."""
    references = [one.reference for one in all_errors()]

    assert sorted(set(references)) == sorted(references)


def test_references_are_kebab_case() -> None:
    """As anchors and URLs have it."""
    assert [] == [
        one.reference
        for one in all_errors()
        if re.fullmatch(r"[a-z]+(-[a-z]+)*", one.reference) is None
    ]


def test_exit_statuses() -> None:
    """1 is for what failed, 2 for wrong use alone, 130 for what the user stopped."""
    other = {one.__name__: one.exit_code for one in all_errors() if one.exit_code != 1}

    expected = {"UsageError": 2, "PlatformNotFoundError": 2, "AnswerError": 2, "StoppedError": 130}
    assert expected == other
    assert (0, 1, 2, 130) == (
        errors.EXIT_DONE, errors.EXIT_FAILED, errors.EXIT_USAGE, errors.EXIT_STOPPED,
    )  # fmt: skip


def test_each_class_says_when_it_is_raised() -> None:
    """In a docstring of its own."""
    assert [] == [one.__name__ for one in all_errors() if not one.__doc__]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ScaffoldError("is empty", where="platform.yml"), "platform.yml: is empty"),
        (ScaffoldError("can't commit", hint="Run this"), "can't commit"),
    ],
)
def test_an_error_as_text(error: ScaffoldError, said: str) -> None:
    """Where and what; the rest is for whoever prints it."""
    assert said == str(error)


def test_details_are_kept_as_they_were() -> None:
    """A list that the caller goes on with does not change the error."""
    details = ["one"]
    error = ScaffoldError("failed", details=details)
    details.append("two")

    assert ("one",) == error.details


def test_nothing_raises_the_root() -> None:
    """Its reference, `error`, tells nobody what kind of error it is."""
    found = [
        str(file)
        for file in Path(scaffold.__path__[0]).rglob("*.py")
        if re.search(r"\braise ScaffoldError\(", file.read_text(encoding="utf-8"))
    ]

    assert [] == found
