"""Findings of lint as text: the rule, the place, the line with a mark below, what to do."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import typer

from scaffold.cli.output import paint

if TYPE_CHECKING:
    from scaffold.lint.rule import Finding

_NAMED = re.compile(r"`([^`]+)`|(?<!\w)'([^']+)'")
_WIDEST = 100  # columns of a line that is shown
_BEFORE = 60  # of them, before the mark


def finding_lines(finding: "Finding", texts: Mapping[str, str]) -> Iterator[str]:
    """One finding; `texts` are the blueprint's files, by their paths."""
    from scaffold.lint.baseline import line_at

    code = paint(finding.code, fg=typer.colors.RED, bold=True)
    yield f"{code} {paint(finding.message, bold=True)}"
    number = str(finding.line)
    margin = " " * len(number)
    arrow, bar = (paint(sign, fg=typer.colors.BLUE) for sign in ("-->", "|"))
    yield f" {margin}{arrow} {finding.where}"
    if finding.shows_line and (shown := _marked(line_at(finding, texts), finding.message)):
        text, mark = shown
        yield f" {margin} {bar}"
        yield f" {paint(number, fg=typer.colors.BLUE)} {bar} {text}"
        yield f" {margin} {bar} {paint(mark, fg=typer.colors.RED)}"
    yield f" {margin} {paint('=', fg=typer.colors.BLUE)} {finding.hint}"


def _marked(line: str, message: str) -> tuple[str, str] | None:
    """A line, and the mark below it: of what the message names, else of the whole text."""
    line = "".join(one if one.isprintable() else " " for one in line.expandtabs(4)).rstrip()
    if not line.strip():
        return None
    names = [one or other for one, other in _NAMED.findall(message)]
    named = next((one for one in names if one in line), line.strip())
    start = line.index(named)
    cut = max(0, start - _BEFORE) if len(line) > _WIDEST else 0
    text = line[cut : cut + _WIDEST]
    mark = " " * (start - cut) + "^" * min(len(named), len(text) - (start - cut))
    return text, mark
