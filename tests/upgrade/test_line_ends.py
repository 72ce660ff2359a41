"""Line ends: a checkout that turns them never makes a conflict of a whole file."""

import pytest

from tests.upgrade.case import Case
from tests.upgrade.trees import ONE, merge, planned

NEW = ONE.replace("two", "TWO")
MINE = ONE.replace("five", "mine")
BOTH = NEW.replace("five", "mine")
MIXED = "one\r\ntwo\nthree\r\nfour\nfive\r\n"


def crlf(text: str) -> str:
    """The same with Windows' line ends."""
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "expected"),
    [
        (ONE, NEW, crlf(ONE), crlf(NEW)),
        (ONE, NEW, crlf(MINE), crlf(BOTH)),
        (crlf(ONE), crlf(NEW), MINE, BOTH),
        (crlf(ONE), crlf(NEW), crlf(MINE), crlf(BOTH)),
        (ONE, crlf(NEW), MINE, crlf(BOTH)),
        (crlf(ONE), NEW, crlf(MINE), BOTH),
        (ONE, crlf(NEW), crlf(MINE), crlf(BOTH)),
        (MIXED, MIXED.replace("two", "TWO"), MINE, BOTH),
        (MIXED, MIXED.replace("two", "TWO"), crlf(MINE), crlf(BOTH)),
        (ONE, NEW.replace("one\n", "one\r\n"), crlf(MINE), crlf(BOTH)),
    ],
)
def test_the_owners_line_ends_stay_unless_the_blueprint_alone_changed_them(
    base: str, theirs: str, ours: str, expected: str
) -> None:
    """Lines are compared without their ends."""
    outcome = merge({"f": base}, {"f": theirs}, {"f": ours})

    assert ({"f": expected}, []) == (outcome.texts, outcome.conflicts)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "expected"),
    [
        (
            MIXED,
            MIXED.replace("one", "ONE"),
            MIXED.replace("five", "mine"),
            "ONE\r\ntwo\nthree\r\nfour\nmine\r\n",
        ),
        (ONE, NEW, ONE.replace("five\n", "mine\r\n"), "one\nTWO\nthree\nfour\nmine\r\n"),
        (ONE, ONE.replace("two\n", "two\r\n"), MINE, "one\ntwo\r\nthree\nfour\nmine\n"),
    ],
    ids=["the template", "the owner", "the new version"],
)
def test_mixed_line_ends_stay_mixed(base: str, theirs: str, ours: str, expected: str) -> None:
    """Line by line as each side has them (cookiecutter/cookiecutter#1942)."""
    outcome = merge({"f": base}, {"f": theirs}, {"f": ours})

    assert ({"f": expected}, []) == (outcome.texts, outcome.conflicts)


def test_a_conflict_has_the_owners_line_ends() -> None:
    """The markers, too."""
    outcome = merge({"f": "one\ntwo\n"}, {"f": "one\nTWO\n"}, {"f": crlf("one\nmine\n")})

    assert (
        crlf("one\n<<<<<<< ours\nmine\n||||||| base\ntwo\n=======\nTWO\n>>>>>>> theirs\n")
        == outcome.texts["f"]
    )


def test_a_file_that_both_added_with_other_line_ends_is_no_conflict() -> None:
    """The owner's ends stay."""
    outcome = merge({}, {"f": ONE}, {"f": crlf(ONE)})

    assert ({"f": crlf(ONE)}, []) == (outcome.texts, outcome.conflicts)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "expected"),
    [
        ("one\ntwo", "one\ntwo", "mine\ntwo", "mine\ntwo"),
        ("one\n2\n3\ntwo", "one\n2\n3\ntwo\n", "mine\n2\n3\ntwo", "mine\n2\n3\ntwo\n"),
        ("one\n2\n3\ntwo\n", "ONE\n2\n3\ntwo\n", "one\n2\n3\ntwo", "ONE\n2\n3\ntwo"),
        ("one", "one\n", "one\r\n", "one\r\n"),
        ("", "one\n", "", "one\n"),
        ("one\n", "", "one\n", ""),
    ],
)
def test_a_missing_newline_at_the_end_is_a_change_of_the_last_line(
    base: str, theirs: str, ours: str, expected: str
) -> None:
    """It is kept by who has it, and empty files are files."""
    outcome = merge({"f": base}, {"f": theirs}, {"f": ours})

    assert expected == outcome.texts["f"]


def test_a_repo_whose_attributes_turn_line_ends_is_merged(case: Case) -> None:
    """`* text=auto` made LF of the template's CRLF when the owner committed."""
    case.release("v1.0.0", {"f.txt": crlf(ONE), ".gitattributes": "* text=auto eol=crlf\n"})
    case.generate("v1.0.0")
    assert ONE.encode() == case.ours()["f.txt"].data
    case.edit({"f.txt": crlf(MINE)})
    case.release("v2.0.0", {"f.txt": crlf(NEW), ".gitattributes": "* text=auto eol=crlf\n"})

    outcome = planned(case.plan())

    assert (BOTH, [("f.txt", "merged")], []) == (
        outcome.texts["f.txt"],
        outcome.decided,
        outcome.conflicts,
    )


def test_a_template_with_mixed_line_ends_is_rendered_as_it_is(case: Case) -> None:
    """An untouched file gets the new version's bytes."""
    case.release("v1.0.0", {"f.txt": MIXED})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"f.txt": MIXED + "six\r\n"})

    assert case.fresh("v2.0.0") == planned(case.plan()).tree
