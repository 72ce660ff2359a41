"""How far a run over the fleet is, on standard error."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.upgrade.report import RepoReport
    from scaffold.upgrade.unit import Unit

Seen = Callable[["Unit", Sequence["RepoReport"]], None]


@contextmanager
def unit_progress(printer: Printer, what: str, total: int) -> Iterator[Seen]:
    """A bar on a terminal; elsewhere one line a repo."""
    if printer.quiet:
        yield lambda _unit, _reports: None
        return
    if not sys.stderr.isatty():

        def line(_unit: "Unit", reports: Sequence["RepoReport"]) -> None:
            for one in reports:
                sys.stderr.write(f"{one.result}  {one.repo}\n")

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(what, total=total)

        def advance(unit: "Unit", _reports: Sequence["RepoReport"]) -> None:
            bar.update(task, advance=1, description=unit.target)

        yield advance
