"""`scaffold check`."""

from pathlib import Path
from typing import Annotated

import typer

from scaffold.cli.options import Format, OutputOption, QuietOption, find_folder
from scaffold.cli.output import Printer, check_results, failed_lines


def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A checkout of a paired or platform repo.")
    ] = Path(),
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Run every check of a repo, its own tests included.

    A check whose tool is missing is listed as not run, with how to get the tool.
    """
    from scaffold.documents.outputs import CheckOutput
    from scaffold.fleet.check import check_checkout

    printer = Printer(output, quiet)
    folder = find_folder(path)
    with printer.busy("Checking"):
        report = check_checkout(folder, static_only=False)
    document = CheckOutput(passed=report.ok, complete=report.complete, checks=check_results(report))
    printer.result(document, [*report.lines, "", report.count])
    if not report.ok:
        printer.fail(failed_lines(report))
