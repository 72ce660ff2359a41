"""What `scaffold upgrade` prints about a run, and reads of earlier runs."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer, diff_lines, table
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.documents.outputs import UpgradeOutput
    from scaffold.upgrade.report import Report
    from scaffold.upgrade.shards import MergedReport

_HOW = "Write one with: scaffold upgrade --output json > REPORT.json"
_MOST_NAMED = 5


def failed_repos(file: Path) -> dict[str, frozenset[str]]:
    """The repos that failed in an earlier run, by what names their job. Raises UsageError."""
    failed: dict[str, frozenset[str]] = {}
    for one in read_report(file).repos:
        if one.result == "failed":
            failed[one.target] = failed.get(one.target, frozenset()) | {one.repo}
    return failed


def read_report(file: Path) -> "UpgradeOutput":
    """Read the document of an earlier run. Raises UsageError."""
    from pydantic import ValidationError

    from scaffold.documents.outputs import UpgradeOutput

    try:
        return UpgradeOutput.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"can't be read: {error.strerror}", where=str(file), hint=_HOW) from error
    except ValidationError as error:
        raise UsageError("is no report of an upgrade", where=str(file), hint=_HOW) from error


def print_merged(folder: Path, printer: Printer) -> None:
    """Print the reports of a run's shards as one, and end as that run would have.

    Raises UsageError.
    """
    from scaffold.upgrade.shards import as_report, merge_reports

    files = sorted(folder.glob("*.json"))
    if not files:
        hint = f"Let each shard write its own there. {_HOW}"
        raise UsageError("there are no reports (*.json)", where=str(folder), hint=hint)
    merged = merge_reports({str(file): read_report(file) for file in files})
    missing = list(_missing(merged))
    report = as_report(merged.document)
    empty = merged.document.model_copy(update={"repos": ()})
    lines = [*text(report, diff=False), *missing]
    printer.listing(empty, "repos", merged.document.repos, lines)
    if not merged.document.done:
        printer.fail([*errors(report), *missing])


def _missing(merged: "MergedReport") -> Iterator[str]:
    """What is to be run again, since there is no report of it."""
    for shard in islice(merged.missing, _MOST_NAMED):
        yield f"No report of shard {shard}: run it again, with --shard {shard}"
    if (more := merged.count - len(merged.present) - _MOST_NAMED) > 0:
        yield f"and of {more} more"


def errors(report: "Report") -> Iterator[str]:
    """What failed, and what is in conflict."""
    from scaffold.upgrade.report import details

    for one in report.repos:
        if one.cause:
            yield f"{one.repo}: [{one.cause}] {one.message}"
        elif one.conflicts:
            yield f"{one.repo}: {one.result.value}  {one.place}".rstrip()
            yield from details(one)


def text(report: "Report", *, diff: bool) -> Iterator[str]:
    """All that is told of a run."""
    from scaffold.upgrade.report import details, summary

    if not report.repos and not report.left:
        yield "Nothing to upgrade."
        return
    rows = [
        (one.repo, _versions(one.old, one.new), one.result.value, one.place) for one in report.repos
    ]
    place = "MERGE REQUEST" if report.on_forge else "BRANCH"
    yield from table(("REPO", "VERSION", "RESULT", place), rows)
    for one in report.repos:
        lines = details(one)
        if lines or (diff and one.diff):
            yield f"\n{one.repo}"
            yield from lines
        if diff and one.diff:
            yield from diff_lines(one.diff)
    yield ""
    yield from summary(report)


def _versions(old: str, new: str) -> str:
    return old if old == new else f"{old} -> {new}"
