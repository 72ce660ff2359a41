"""Results on standard output: as text, or as a document with a published JSON Schema."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from shlex import quote
from textwrap import indent
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from scaffold.cli.options import Format
from scaffold.errors import EXIT_FAILED
from scaffold.redaction import redacted

if TYPE_CHECKING:
    from pathlib import Path

    from scaffold.checks.report import Report
    from scaffold.documents.outputs import CheckResult, Output, Part, PathNote
    from scaffold.merge.decisions import Conflict, Decision
    from scaffold.upgrade.report import Line


@dataclass(frozen=True)
class Printer:
    """Prints as the user asked for."""

    format: Format
    quiet: bool

    @property
    def chatty(self) -> bool:
        """Whether text for a person is wanted."""
        return self.format is Format.TABLE and not self.quiet

    def say(self, *lines: str) -> None:
        """Print text for a person, where it is wanted."""
        if self.chatty:
            for line in lines:
                typer.echo(redacted(line))

    def result(self, document: "Output", lines: Iterable[str]) -> None:
        """Print a result: its document, or its text."""
        if self.format is Format.JSON:
            typer.echo(redacted(document.model_dump_json(indent=2)))
        else:
            self.say(*lines)

    def listing(
        self, document: "Output", field: str, rows: "Iterable[Part]", lines: Iterable[str]
    ) -> None:
        """Print a result whose list `field`, empty in `document`, is as long as the fleet.

        Only one of `rows` is a part of the document at a time.
        """
        if self.format is not Format.JSON:
            self.say(*lines)
            return
        text = redacted(document.model_dump_json(indent=2))
        before, _, after = text.partition(f'"{field}": []')
        typer.echo(f'{before}"{field}": [', nl=False)
        comma = ""
        for row in rows:
            text = indent(redacted(row.model_dump_json(indent=2)), "    ")
            typer.echo(f"{comma}\n{text}", nl=False)
            comma = ","
        typer.echo(f"\n  ]{after}")

    def fail(self, errors: Iterable[str]) -> NoReturn:
        """End with the status of a failure.

        With --quiet nothing was told yet, so the errors, which the result has else, are told now.
        """
        if self.quiet and self.format is Format.TABLE:
            for line in errors:
                typer.echo(redacted(line), err=True)
        raise typer.Exit(EXIT_FAILED)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Show on a terminal that something takes its time; print nothing elsewhere."""
        if not (self.chatty and sys.stderr.isatty()):
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status(what):
            yield


def check_results(report: "Report") -> "tuple[CheckResult, ...]":
    """The results of checks, as a document has them."""
    from scaffold.documents.outputs import CheckResult

    return tuple(
        CheckResult(
            name=one.name, target=one.target, outcome=one.outcome.value, details=one.details
        )
        for one in report.results
    )


def failed_lines(report: "Report") -> list[str]:
    """The checks that failed, and what each found."""
    from scaffold.checks.report import Outcome

    return [line for result in report.of(Outcome.FAILED) for line in result.lines]


def path_notes(lines: "Iterable[Line | Decision | Conflict]") -> "tuple[PathNote, ...]":
    """Decisions and conflicts, as a document has them."""
    from scaffold.documents.outputs import PathNote

    return tuple(PathNote(path=one.path, kind=one.kind, detail=one.detail) for one in lines)


def go_to(folder: "Path") -> str:
    """What is typed first to be in a folder, which may be where the user is already."""
    return "" if folder.resolve() == folder.cwd() else f"cd {quote(str(folder))} && "


def table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lines with aligned columns; the last one is as wide as it is."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def paint(text: str, **style: Any) -> str:
    """Text in a style of click's, which leaves it out where the output is no terminal."""
    return text if "NO_COLOR" in os.environ else typer.style(text, **style)


def diff_lines(diff: str) -> Iterator[str]:
    """A diff in git's colours; click leaves them out where the output is no terminal."""
    from scaffold.upgrade.diffs import with_places

    signs = {"+": typer.colors.GREEN, "-": typer.colors.RED}
    for inside, line in with_places(diff):
        if not inside:
            is_hunk = line.startswith("@@")
            yield paint(line, fg=typer.colors.CYAN if is_hunk else None, bold=not is_hunk)
        elif line[:1] in signs:
            yield paint(line, fg=signs[line[0]])
        else:
            yield line
