"""How far a run over the fleet is, on standard error."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.upgrade.job import ServiceJob
    from scaffold.upgrade.report import RepoReport

Seen = Callable[["ServiceJob", Sequence["RepoReport"]], None]


@contextmanager
def job_progress(printer: Printer, what: str, total: int) -> Iterator[Seen]:
    """A bar on a terminal; elsewhere one line a repo."""
    if printer.quiet:
        yield lambda _job, _reports: None
        return
    if not sys.stderr.isatty():

        def line(_job: "ServiceJob", reports: Sequence["RepoReport"]) -> None:
            for one in reports:
                sys.stderr.write(f"{one.result}  {one.repo}\n")

        yield line
        return
    with progress_bar(printer, what, total) as advance:
        yield lambda job, _reports: advance(job.target)


@contextmanager
def progress_bar(printer: Printer, what: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, which is told the name of each thing that is done; elsewhere nothing."""
    if printer.quiet or not sys.stderr.isatty():
        yield lambda _name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=name)
