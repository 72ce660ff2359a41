"""`scaffold blueprint lint`."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import Format, QuietOption, find_folder
from scaffold.cli.output import Printer
from scaffold.errors import EXIT_FAILED

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
        bool, typer.Option("--trust", help="Run the jinja extensions that the blueprint brings.")
    ] = False,
    output: Annotated[
        LintFormat, typer.Option("--output", help="How the result is printed.")
    ] = LintFormat.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Find what is wrong with a blueprint as it is in DIR, committed or not.

    Each finding has the code of a rule, see the page about lint rules. blueprint.yml may silence
    findings, with a reason. The exit status is 1 where any are left.
    """
    from scaffold.lint import RULES, lint_report

    printer = Printer(Format.JSON if output is LintFormat.JSON else Format.TABLE, quiet)
    folder = find_folder(directory)
    with printer.busy("Linting"):
        report = lint_report(folder, trust=trust)
    if output is LintFormat.SARIF:
        from scaffold.lint.sarif import to_sarif

        typer.echo(json.dumps(to_sarif(report, RULES), indent=2))
    else:
        printer.result(_document(report), _text(report))
    if report.findings:
        if output is LintFormat.SARIF:
            raise typer.Exit(EXIT_FAILED)
        printer.fail(_findings(report))


def _document(report: "LintReport") -> "LintOutput":
    from scaffold.documents.lint_output import LintFinding, LintOutput, SilencedFinding

    return LintOutput(
        passed=not report.findings,
        findings=tuple(LintFinding(**_fields(one)) for one in report.findings),
        silenced=tuple(
            SilencedFinding(**_fields(one.finding), reason=one.reason) for one in report.silenced
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
        yield f"{one.where}: {one.code} {one.message}"
        yield f"    {one.hint}"


def _text(report: "LintReport") -> Iterator[str]:
    yield from _findings(report)
    found = len(report.findings)
    count = f"{found} finding{'' if found == 1 else 's'}" if found else "nothing found"
    yield f"{count}, {len(report.silenced)} silenced" if report.silenced else count
