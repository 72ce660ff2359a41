"""`scaffold blueprint lint`."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.lint_text import finding_lines
from scaffold.cli.options import Format, QuietOption, find_folder
from scaffold.cli.output import Printer
from scaffold.errors import EXIT_FAILED, UsageError

if TYPE_CHECKING:
    from scaffold.documents.lint_output import LintOutput
    from scaffold.lint import Finding, LintReport


class LintFormat(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"


def lint(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A checkout of the blueprint.")
    ] = Path(),
    trust: Annotated[
        bool, typer.Option("--trust", help="Load the jinja extensions that the blueprint brings.")
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Only new findings count: those that this file has are neither listed nor fail.",
        ),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all findings to a file for --baseline."),
    ] = None,
    output: Annotated[
        LintFormat, typer.Option("--output", help="How the result is printed.")
    ] = LintFormat.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Find what is wrong with a blueprint as it is in DIR, committed or not.

    Each finding has the code of a rule, see the page about lint rules. blueprint.yml may silence
    findings, with a reason; a baseline has those that an author starts from. The exit status is 1
    where any others are left.
    """
    from scaffold.lint import lint_report
    from scaffold.lint.baseline import read_baseline
    from scaffold.lint.baseline import write_baseline as write

    if baseline and write_baseline:
        raise UsageError("--baseline and --write-baseline don't go together", hint="Give one.")
    printer = Printer(Format.JSON if output is LintFormat.JSON else Format.TABLE, quiet)
    folder = find_folder(directory)
    known = read_baseline(baseline) if baseline else None
    with printer.busy("Linting"):
        report = lint_report(folder, trust=trust)
    if write_baseline:
        write(write_baseline, report.findings, report.texts)
        known = read_baseline(write_baseline)
    told = report.beside(known) if known else report
    _print(told, printer, output)
    if told.findings:
        if output is LintFormat.SARIF:
            raise typer.Exit(EXIT_FAILED)
        printer.fail(_findings(told))


def _print(report: "LintReport", printer: Printer, output: LintFormat) -> None:
    if output is not LintFormat.SARIF:
        printer.result(_document(report), _text(report))
        return
    from scaffold.lint import RULES
    from scaffold.lint.sarif import to_sarif

    typer.echo(json.dumps(to_sarif(report, RULES), indent=2))


def _document(report: "LintReport") -> "LintOutput":
    from scaffold.documents.lint_output import (
        GoneFinding,
        LintFinding,
        LintOutput,
        SilencedFinding,
    )

    return LintOutput(
        passed=not report.findings,
        findings=tuple(LintFinding(**_fields(one)) for one in report.findings),
        silenced=tuple(
            SilencedFinding(**_fields(one.finding), reason=one.reason) for one in report.silenced
        ),
        not_checked=report.not_checked,
        in_baseline=report.in_baseline,
        gone=tuple(
            GoneFinding(code=one.code, path=one.path, message=one.message, count=one.count)
            for one in report.gone
        ),
    )


def _fields(finding: "Finding") -> dict[str, Any]:
    from scaffold.lint import RULES

    title = next(rule.title for rule in RULES if rule.code == finding.code)
    return {
        "code": finding.code,
        "title": title,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
    }


def _findings(report: "LintReport") -> Iterator[str]:
    for one in report.findings:
        yield from finding_lines(one, report.texts)
        yield ""


def _text(report: "LintReport") -> Iterator[str]:
    yield from _findings(report)
    for one in report.gone:
        times = f" ({one.count} times)" if one.count > 1 else ""
        yield f"gone from the baseline: {one.path}: {one.code} {one.message}{times}"
    yield from (f"not checked: {line}" for line in report.not_checked)
    found = len(report.findings)
    counts = [f"{found} finding{'' if found == 1 else 's'}" if found else "nothing found"]
    if report.in_baseline:
        counts.append(f"{report.in_baseline} in the baseline")
    if report.gone:
        counts.append(f"{sum(one.count for one in report.gone)} gone from it")
    if report.silenced:
        counts.append(f"{len(report.silenced)} silenced")
    yield ", ".join(counts)
