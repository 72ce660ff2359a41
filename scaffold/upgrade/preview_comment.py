"""A preview as a merge request's comment: HTML that fits into one, whatever the fleet's size.

The smallest limit is GitHub's, 65,536 characters; what does not fit is left out, and counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import TypeVar

from jinja2 import Environment, PackageLoader

from scaffold.upgrade.preview import Change, Clash, Preview
from scaffold.upgrade.preview_words import (
    clash_heading,
    heading,
    summary_lines,
    unchecked_line,
    why,
    wordless,
)
from scaffold.upgrade.report import MEANING

_LONGEST_TABLES = (100, 25, 5, 1)  # rows and folds: from the best number to one that always fits
_MOST_CLASHES = 10
_LONGEST_TEXT = 2_500  # characters of one diff, as HTML
_WIDEST = 100  # columns; a comment or browser may not break lines of code
_LONGEST_PAGE = 65_536 - 100  # a pipeline adds a mark, by which it finds its comment again
_PLACE = "pages/comment.html.jinja"
T = TypeVar("T")


@dataclass(frozen=True)
class Fold:
    """A heading, and a text that is shown on a click."""

    heading: str
    text: str


def preview_comment(preview: Preview, title: str) -> str:
    """The comment, as a fragment of HTML without head and body."""
    for most in _LONGEST_TABLES:
        page = _page(preview, title, most)
        if len(page) <= _LONGEST_PAGE:
            break
    return page


def _page(preview: Preview, title: str, most: int) -> str:
    left_out: list[str] = []
    conflicts = [
        (conflict.repo, line.path, why(line))
        for conflict in preview.conflicts
        for line in conflict.conflicts
    ]
    failures = [(failure.repo, _cut(failure.message).split("\n")) for failure in preview.failures]
    clashes = [clash for clash in preview.clashes if clash.lines]
    environment = Environment(loader=PackageLoader("scaffold.upgrade", "."), autoescape=True)
    return environment.get_template(_PLACE).render(
        title=title,
        summary=summary_lines(preview),
        counts=[(number, MEANING[result]) for result, number in preview.counts.items()],
        conflicts=_first(conflicts, most, "conflicts", left_out),
        clashes=[
            _clash(clash)
            for clash in _first(clashes, min(most, _MOST_CLASHES), "kinds of conflict", left_out)
        ],
        failures=_first(failures, most, "failures", left_out),
        broken=[
            _broken(check) for check in _first(preview.broken, most, "broken checks", left_out)
        ],
        unchecked=unchecked_line(preview),
        not_run=_first(preview.not_run, most, "checks that could not run", left_out),
        surprising=[
            _diff(change) for change in _first(preview.surprising, most, "changes", left_out)
        ],
        left_out=left_out,
    )


def _clash(clash: Clash) -> Fold:
    return Fold(clash_heading(clash), _cut(_narrow("\n".join(clash.lines))))


def _broken(change: Change) -> Fold:
    return Fold(heading(change), _cut(_narrow(change.broken)))


def _diff(change: Change) -> Fold:
    text = "\n".join([*filter(None, [change.diff]), *wordless(change)])
    return Fold(heading(change), _cut(_narrow(text, signs="+-")))


def _narrow(text: str, signs: str = "") -> str:
    """Break long lines; each continuation has the sign of its line, and so its colour."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line, signs))


def _parts(line: str, signs: str) -> Iterator[str]:
    begin = "".join(sign for sign in line[:1] if sign in signs) + "\N{HORIZONTAL ELLIPSIS} "
    yield line[:_WIDEST]
    for start in range(_WIDEST, len(line), _WIDEST):
        yield begin + line[start : start + _WIDEST]


def _cut(text: str) -> str:
    """As many lines as fit."""
    lines = text.split("\n")
    lengths = accumulate(len(escape(line)) + 1 for line in lines)
    kept = sum(length <= _LONGEST_TEXT for length in lengths)
    rest = len(lines) - kept
    return "\n".join([*lines[:kept], f"... {rest} more lines"]) if rest else text


def _first(items: Sequence[T], most: int, what: str, left_out: list[str]) -> Sequence[T]:
    if len(items) > most:
        left_out.append(f"{len(items) - most} more {what} are in the JSON report.")
    return items[:most]
