"""The page of a preview: HTML that a merge request's comment can hold, whatever the fleet's size.

The longest comment is GitHub's, 65,536 characters; what would not fit is left out, and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from jinja2 import Environment, PackageLoader

from scaffold.picture.preview_words import (
    clash_heading,
    heading,
    summary_lines,
    unchecked_line,
    why,
    wordless,
)
from scaffold.upgrade.preview import Change, Clash, Preview
from scaffold.upgrade.report import MEANING

_LONGEST_TABLE = 100  # rows
_MOST_CLASHES = 10
_LONGEST_TEXT = 2_500  # characters of one diff
_LONGEST_PAGE = 65_536
_PLACE = "pages/preview.html.jinja"
T = TypeVar("T")


@dataclass(frozen=True)
class Fold:
    """A heading, and a text that is shown on a click."""

    heading: str
    text: str


def preview_page(found: Preview, title: str) -> str:
    """The page, without a head or a body of its own."""
    for most in (_LONGEST_TABLE, _LONGEST_TABLE // 4, 1):
        page = _page(found, title, most)
        if len(page) <= _LONGEST_PAGE:
            break
    return page


def _page(found: Preview, title: str, most: int) -> str:
    left_out: list[str] = []
    conflicts = [
        (one.repo, line.path, why(line)) for one in found.conflicts for line in one.conflicts
    ]
    failures = [(one.repo, one.message) for one in found.failures]
    environment = Environment(loader=PackageLoader("scaffold.picture", "."), autoescape=True)
    return environment.get_template(_PLACE).render(
        title=title,
        summary=summary_lines(found),
        counts=[(number, MEANING[result]) for result, number in found.counts.items()],
        conflicts=_first(conflicts, most, "conflicts", left_out),
        clashes=[_clash(one) for one in found.clashes if one.lines][:_MOST_CLASHES],
        failures=_first(failures, most, "failures", left_out),
        broken=[_broken(one) for one in _first(found.broken, most, "broken checks", left_out)],
        unchecked=unchecked_line(found),
        not_run=_first(found.not_run, most, "checks that could not run", left_out),
        surprising=[_diff(one) for one in found.surprising],
        left_out=left_out,
    )


def _clash(clash: Clash) -> Fold:
    return Fold(clash_heading(clash), _cut("\n".join(clash.lines)))


def _broken(change: Change) -> Fold:
    return Fold(heading(change), _cut(change.broken))


def _diff(change: Change) -> Fold:
    return Fold(heading(change), _cut("\n".join([*filter(None, [change.diff]), *wordless(change)])))


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return text
    kept = text[:_LONGEST_TEXT].rpartition("\n")[0]
    return f"{kept}\n... {len(text) - len(kept)} more characters"


def _first(items: Sequence[T], most: int, what: str, left_out: list[str]) -> Sequence[T]:
    if len(items) > most:
        left_out.append(f"{len(items) - most} more {what} are in the JSON report.")
    return items[:most]
