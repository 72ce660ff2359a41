"""The drift of the services that `scaffold status --html --drift` shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.status.line import ServiceLine
    from scaffold.status.site.drifted import Drifted

_COMPARED = ("active", "paused")


def drifted(
    platform: "PlatformRepo", lines: "Sequence[ServiceLine]", printer: Printer
) -> "Drifted":
    """Compare the repos of these services, as `scaffold drift` does; nothing is changed."""
    from scaffold.cli.drift import compared
    from scaffold.cli.upgrade import run_order, selected_jobs
    from scaffold.status.drift_run import DriftOrder
    from scaffold.status.site.drifted import Drifted

    names = sorted(line.service for line in lines if line.state in _COMPARED)
    if not names:
        return Drifted(())
    chosen = selected_jobs(platform, names, [], False, None, None)
    order = run_order(platform, None, None, [], dry_run=False, diff=False, trust=False)
    return Drifted(tuple(compared(chosen, DriftOrder(order), printer, None)))
