"""The page of a preview: a document that a browser shows as it is, with all that it needs.

What a fleet has thousands of is grouped: conflicts by file and cause, failures by what they say.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from jinja2 import Environment, PackageLoader

from scaffold.merge.decisions import Kind
from scaffold.upgrade.diffs import FileDiff, diff_file, without_version
from scaffold.upgrade.preview import Change, Preview
from scaffold.upgrade.preview_words import (
    counted,
    heading,
    summary_lines,
    unchecked_line,
    why,
    wordless,
)
from scaffold.upgrade.report import MEANING, Line, RepoReport

_MOST_CHANGES = 100
_MOST_LINES = 1000  # of one file
_PLACE = "pages/page.html.jinja"
_CLASSES = {"+": "added", "-": "removed"}
Rows = list[tuple[str, str]]
"""Lines with their classes."""


@dataclass(frozen=True)
class Member:
    """A repo, the address of its page (empty where it has none), and who owns what is meant."""

    name: str
    page: str
    owners: str


@dataclass(frozen=True)
class ConflictGroup:
    """The conflicts of one file for one cause, and its lines in one repo for each way."""

    path: str
    why: str
    count: str
    members: tuple[Member, ...]
    examples: tuple[tuple[str, Rows], ...]


@dataclass(frozen=True)
class FailureGroup:
    """The repos that fail with the same words."""

    why: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class ShownCheck:
    """A check that would break."""

    heading: str
    rows: Rows


@dataclass(frozen=True)
class ShownChange:
    """One kind of change: a heading, and the files of the example with their lines."""

    heading: str
    files: tuple[tuple[str, Rows], ...]


def preview_page(preview: Preview, title: str) -> str:
    """The page, as a document of HTML."""
    environment = Environment(loader=PackageLoader("scaffold.upgrade", "."), autoescape=True)
    rarest = sorted(preview.changes, key=lambda one: (one.repos, -one.shape.size))
    left = len(rarest) - _MOST_CHANGES
    return environment.get_template(_PLACE).render(
        title=title,
        summary=summary_lines(preview),
        counts=[(number, MEANING[result]) for result, number in preview.counts.items()],
        conflicts=list(_conflicts(preview)),
        failures=list(_failures(preview.failures)),
        broken=[ShownCheck(heading(one), _plain(one.broken)) for one in preview.broken],
        changes=[ShownChange(heading(one), tuple(_files(one))) for one in rarest[:_MOST_CHANGES]],
        unchecked=unchecked_line(preview),
        not_run=preview.not_run,
        left_out=[f"{left} more changes are in the JSON report."] if left > 0 else [],
    )


def _conflicts(preview: Preview) -> Iterator[ConflictGroup]:
    found = sorted(
        ((line.path, why(line), one.repo, one, line) for one in preview.conflicts
         for line in one.conflicts),
        key=lambda one: one[:3],
    )  # fmt: skip
    for (path, cause), group in groupby(found, key=lambda one: one[:2]):
        members = [(report, line) for *_, report, line in group]
        kinds = {line.kind for _, line in members}
        yield ConflictGroup(
            path,
            cause,
            counted(len(members), "repo"),
            tuple(_member(report, line.owners) for report, line in members),
            tuple(
                (clash.example, _plain("\n".join(clash.lines)))
                for clash in preview.clashes
                if clash.lines and clash.line.path == path and clash.line.kind in kinds
            ),
        )


def _failures(failures: Sequence[RepoReport]) -> Iterator[FailureGroup]:
    groups: dict[str, list[RepoReport]] = {}
    for one in failures:
        groups.setdefault(one.message, []).append(one)
    for message, reports in groups.items():
        yield FailureGroup(
            tuple(message.split("\n")), tuple(_member(report, ()) for report in reports)
        )


def _member(report: RepoReport, owners: Iterable[str]) -> Member:
    return Member(report.repo, report.page, ", ".join(owners))


def _files(change: Change) -> Iterator[tuple[str, Rows]]:
    """The files of the example; one that moved is shown once, with what changes in it."""
    files = without_version(change.example.files)
    moves = {line.path: line.old for line in change.example.decisions if _is_move(line)}
    gone = set(moves.values())
    by_path = {file.path: file for file in files}
    for file in files:
        if file.path in gone and file.is_removed:
            continue
        old = moves.get(file.path)
        if old and old in by_path and by_path[old].is_removed:
            same = _moved(by_path[old], file)
            yield f"{old} → {file.path}", _rows(same) if same else []
        else:
            yield file.path, _rows(file)
    yield from ((line, []) for line in wordless(change))


def _is_move(line: Line) -> bool:
    return line.kind == Kind.MOVED and bool(line.old)


def _moved(before: FileDiff, after: FileDiff) -> FileDiff | None:
    """What changes in a file that moved; None where nothing does."""
    texts = ("\n".join(line[1:] for line in file.changed) for file in (before, after))
    return diff_file(after.path, *texts)


def _rows(file: FileDiff) -> Rows:
    rows: Rows = []
    for hunk in file.hunks:
        rows.append(("place", hunk.head))
        rows += [(_CLASSES.get(line[:1], ""), line) for line in hunk.lines]
    more = len(rows) - _MOST_LINES
    return [*rows[:_MOST_LINES], ("place", f"... {more} more lines")] if more > 0 else rows


def _plain(text: str) -> Rows:
    return [("", line) for line in text.split("\n")]
