"""What others wrote is told on one line, and orders nothing on a forge."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.chain.quoting import code_block, code_span, inert, one_line

BREAK = "\N{ZERO WIDTH SPACE}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Fixes #12", f"Fixes{BREAK} #{BREAK}12"),
        ("closes: GL-3", f"closes{BREAK}: GL-3"),
        ("thanks @ada", f"thanks @{BREAK}ada"),
        ("see acme/shop!7 and &3", f"see acme/shop!{BREAK}7 and &{BREAK}3"),
        ("Bump [skip ci] [CI Skip]", f"Bump [{BREAK}skip ci] [{BREAK}CI Skip]"),
        ("x ***NO_CI***", f"x ***{BREAK}NO_CI***"),
        ("see https://evil.example.com", f"see https:{BREAK}//evil.example.com"),
        ("a fix-up, prefixes 1", "a fix-up, prefixes 1"),
        ("Take payments (again)", "Take payments (again)"),
    ],
)
def test_what_a_forge_would_act_on_is_broken(text: str, told: str) -> None:
    """Mentions, references, closing words, addresses and what skips a pipeline; nothing else."""
    assert told == inert(text)


@given(st.text())
def test_a_line_is_one_line_of_what_is_seen(text: str) -> None:
    """Whatever it is: no control, format or broken character, and no more than its length."""
    line = one_line(text, 30)

    assert len(line) <= 30
    assert line.isprintable()
    assert line == line.strip()


@given(st.text())
def test_nothing_ends_a_code_span(text: str) -> None:
    """Markdown in it stays text, since no grave accent is left."""
    assert 2 == code_span(one_line(text)).count("`")


@given(st.lists(st.text(alphabet="` ~ab<@\t\x1b")))
def test_nothing_ends_a_code_block(lines: list[str]) -> None:
    """Its fence is longer than any run in it."""
    first, *body, last = code_block(lines, "diff").split("\n")

    assert first == f"{last}diff"
    assert not any(last in line for line in body)
    assert not re.search("[\x00-\x08\x0e-\x1f]", "".join(body))


def test_a_code_block_keeps_indentation() -> None:
    """Objects are YAML."""
    assert "```diff\n+  a:\tb\n```" == code_block(["+  a:\tb"], "diff")
