"""`scaffold check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption, find_folder
from scaffold.cli.output import Printer, check_results, failed_lines

if TYPE_CHECKING:
    from scaffold.checks.report import Report


def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A checkout of a paired or platform repo.")
    ] = Path(),
    secrets: Annotated[
        bool,
        typer.Option(
            "--secrets",
            help="Instead: whether the forge has the secrets and variables that CI needs.",
        ),
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Run every check of a repo, its own tests included.

    A check whose tool is missing is listed as not run, with how to get the tool.
    With --secrets nothing of the repo is run. The forge is asked for the names of what the jobs
    of a service's repos are given; in the platform repo, of all services.
    """
    from scaffold.documents.outputs import CheckOutput

    printer = Printer(output, quiet)
    folder = find_folder(path)
    with printer.busy("Checking"):
        report = _secrets(folder, platform) if secrets else _checks(folder)
    document = CheckOutput(passed=report.ok, complete=report.complete, checks=check_results(report))
    printer.result(document, [*report.lines, "", report.count])
    if not report.ok:
        printer.fail(failed_lines(report))


def _checks(folder: Path) -> "Report":
    from scaffold.fleet.check import check_checkout

    return check_checkout(folder, static_only=False)


def _secrets(folder: Path, platform: Path | None) -> "Report":
    from scaffold.checks.repo import read_repofile
    from scaffold.config.repofile import REPOFILE
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.service.ci_needs import check_secrets

    service = read_repofile(folder).service if (folder / REPOFILE).is_file() else None
    return check_secrets(open_platform(find_platform(folder, platform)), service)
