"""What `scaffold status --html` shows of drift and of upgrades, where it is asked for."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.status.line import ServiceLine
    from scaffold.status.site.drifted import Drifted
    from scaffold.status.site.upgrades import Upgrades

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


def upgrades(
    platform: "PlatformRepo", lines: "Sequence[ServiceLine]", printer: Printer
) -> "Upgrades":
    """Try an upgrade of those that are behind, as `scaffold upgrade --dry-run` does."""
    from scaffold.cli.progress import job_progress
    from scaffold.cli.upgrade import run_order, selected_jobs
    from scaffold.status.site.upgrades import Upgrades
    from scaffold.upgrade.rollout import roll_out, usual_jobs

    names = sorted(
        line.service for line in lines if line.state in _COMPARED and line.versions.behind
    )
    if not names:
        return Upgrades(())
    chosen = selected_jobs(platform, names, [], False, None, None)
    order = run_order(platform, None, None, [], dry_run=True, diff=False, trust=False)
    with job_progress(printer, "Trying upgrades", len(chosen)) as seen:
        processes = usual_jobs(order.forge, os.cpu_count() or 1)
        report = roll_out(chosen, order, jobs=processes, seen=lambda job, _reports: seen(job, ()))
    if report.stopped:
        raise KeyboardInterrupt
    return Upgrades(tuple(report.repos))
