"""Files that are no UTF-8: merged where they are text, kept where they are not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.upgrade.case import Case
from tests.upgrade.trees import ONE, merge, planned

UMLAUTS = ONE.replace("one", "\u00e4ins").replace("three", "dr\u00fc\u00fc")
NEW = UMLAUTS.replace("two", "zw\u00f6i")
MINE = UMLAUTS.replace("five", "m\u00efne")
BOTH = NEW.replace("five", "m\u00efne")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-crlf"])
def test_text_is_merged_in_any_encoding(encoding: str) -> None:
    """Lines are lines."""

    def encode(text: str) -> bytes:
        if encoding == "utf-16-crlf":
            return text.replace("\n", "\r\n").encode("utf-16")
        return text.encode(encoding)

    outcome = merge({"f": encode(UMLAUTS)}, {"f": encode(NEW)}, {"f": encode(MINE)})

    assert (encode(BOTH), []) == (outcome.tree["f"].data, outcome.conflicts)


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_a_conflict_in_utf_16_is_in_utf_16(mark: str) -> None:
    """The markers can be read in the owner's editor."""

    def encode(text: str) -> bytes:
        return ("\ufeff" + text).encode(mark)

    outcome = merge({"f": encode("a\n")}, {"f": encode("b\n")}, {"f": encode("c\n")})

    assert [("f", "content")] == outcome.conflicts
    assert (
        encode("<<<<<<< ours\nc\n||||||| base\na\n=======\nb\n>>>>>>> theirs\n")
        == outcome.tree["f"].data
    )


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "result"),
    [
        ("utf-8", "utf-8", "utf-16", "utf-16"),
        ("utf-16", "utf-16", "utf-8", "utf-8"),
        ("utf-8", "utf-16", "utf-8", "utf-16"),
        ("utf-16", "utf-8", "utf-16", "utf-8"),
    ],
)
def test_the_owners_encoding_stays_unless_the_blueprint_alone_changed_it(
    base: str, theirs: str, ours: str, result: str
) -> None:
    """As with line ends."""
    outcome = merge(
        {"f": UMLAUTS.encode(base)}, {"f": NEW.encode(theirs)}, {"f": MINE.encode(ours)}
    )

    assert (BOTH.encode(result), []) == (outcome.tree["f"].data, outcome.conflicts)


@pytest.mark.parametrize(
    ("base", "theirs", "ours"),
    [
        (b"\0a", b"\0b", b"\0c"),
        (b"text\n", b"new\n", b"\0c"),
        (b"text\n", b"\0b", b"mine\n"),
        (b"t" * 9000 + b"\0", b"t" * 9000 + b"\0b", b"t" * 9000 + b"\0c"),
        (b"\xff\xfea\0b", b"\xff\xfeb\0", b"\xff\xfec\0"),
        (b"\xff\xfe\0\0a\0\0\0", b"\xff\xfe\0\0b\0\0\0", b"\xff\xfe\0\0c\0\0\0"),
        (MINE.encode("utf-16"), MINE.encode("latin-1"), UMLAUTS.encode("utf-16")),
    ],
    ids=["binary", "the owner's", "the blueprint's", "late", "half a character", "UTF-32", "mixed"],
)
def test_what_is_no_text_is_never_merged(base: bytes, theirs: bytes, ours: bytes) -> None:
    """The owner's stays, byte by byte, as a conflict."""
    outcome = merge({"f": base}, {"f": theirs}, {"f": ours})

    assert (ours, [("f", "binary")]) == (outcome.tree["f"].data, outcome.conflicts)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [(b"\0new", b"\0old", b"\0new"), (b"\0old", b"\0mine", b"\0mine"), (b"\0x", b"\0x", b"\0x")],
    ids=["updated", "the owner's", "alike"],
)
def test_a_binary_file_that_one_side_changed_is_that_sides(
    theirs: bytes, ours: bytes, expected: bytes
) -> None:
    """There is nothing to merge."""
    outcome = merge({"f": b"\0old"}, {"f": theirs}, {"f": ours})

    assert (expected, []) == (outcome.tree["f"].data, outcome.conflicts)


def test_a_binary_file_follows_the_blueprints_move() -> None:
    """It is known by its bytes."""
    outcome = merge({"a.png": b"\0old"}, {"img/a.png": b"\0old"}, {"a.png": b"\0old"})

    assert (b"\0old", []) == (outcome.tree["img/a.png"].data, outcome.conflicts)


PLAN = """
import sys, pathlib
from tests.upgrade.case import Case
from tests.upgrade.trees import planned

tree = planned(Case(pathlib.Path(sys.argv[1])).plan()).tree
sys.stdout.buffer.write(tree["f.txt"].data + tree[".copier-answers.yml"].data)
"""


def test_answers_with_accents_stay_as_they_are(case: Case) -> None:
    """Answers files are UTF-8, whatever the machine's encoding (copier-org/copier#1963)."""
    question = "name: {type: str, default: x}\n"
    case.release("v1.0.0", {"f.txt.jinja": "{{ name }}\n"}, question)
    case.generate("v1.0.0", name="J\u00f6rg \u540d")
    case.release("v2.0.0", {"f.txt.jinja": "Hello {{ name }}\n"}, question)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    done = subprocess.run(
        [sys.executable, "-c", PLAN, str(case.root)], check=False, capture_output=True,
        cwd=Path(__file__).parents[2], env={**os.environ, **ascii_only},
    )  # fmt: skip

    fresh = case.fresh("v2.0.0", name="J\u00f6rg \u540d")
    assert b"" == done.stderr
    assert fresh["f.txt"].data + fresh[".copier-answers.yml"].data == done.stdout


def test_binary_and_latin_1_files_of_a_template_are_rendered_byte_by_byte(case: Case) -> None:
    """Those that copier does not fill in."""
    case.release("v1.0.0", {"a.bin": b"\0\xff1", "b.txt": UMLAUTS.encode("latin-1")})
    case.generate("v1.0.0")
    case.edit({"b.txt": MINE.encode("latin-1")})
    case.release("v2.0.0", {"a.bin": b"\0\xff2", "b.txt": NEW.encode("latin-1")})

    outcome = planned(case.plan())

    assert (b"\0\xff2", BOTH.encode("latin-1")) == (
        outcome.tree["a.bin"].data,
        outcome.tree["b.txt"].data,
    )


@pytest.mark.parametrize("latin", ["ours", "theirs"])
def test_lines_of_two_encodings_are_not_put_into_one_file(latin: str) -> None:
    """The owner's is kept, as a conflict: no editor could show both."""
    mine = ONE.replace("five", "f\u00fcnf")
    new = ONE.replace("one", "\u00e4ins")
    sides = {
        "ours": mine.encode("latin-1" if latin == "ours" else "utf-8"),
        "theirs": new.encode("latin-1" if latin == "theirs" else "utf-8"),
    }

    outcome = merge({"f": ONE}, {"f": sides["theirs"]}, {"f": sides["ours"]})

    assert ([("f", "binary")], sides["ours"]) == (outcome.conflicts, outcome.tree["f"].data)


def test_a_change_in_ascii_goes_with_any_encoding() -> None:
    """It is the same bytes in all of them."""
    mine = ONE.replace("five", "f\u00fcnf")

    outcome = merge(
        {"f": ONE}, {"f": ONE.replace("one", "ONE")}, {"f": mine.encode("latin-1")}
    )  # fmt: skip

    assert [] == outcome.conflicts
    assert mine.replace("one", "ONE").encode("latin-1") == outcome.tree["f"].data
