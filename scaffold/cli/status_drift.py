"""The drift of the services that `scaffold status --html --drift` shows."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer
from scaffold.cli.progress import job_progress

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.status.line import ServiceLine
    from scaffold.status.site.drifted import Drifted

_COMPARED = ("active", "paused")


def drifted(
    platform: "PlatformRepo", lines: "Sequence[ServiceLine]", printer: Printer
) -> "Drifted":
    """Compare the repos of these services, as `scaffold drift` does; nothing is changed."""
    from scaffold.cli.upgrade import run_order, selected_jobs
    from scaffold.status.drift_run import DriftOrder, drift_of
    from scaffold.status.site.drifted import Drifted
    from scaffold.upgrade.rollout import usual_jobs

    names = sorted(line.service for line in lines if line.state in _COMPARED)
    if not names:
        return Drifted(())
    chosen = selected_jobs(platform, names, [], False, None, None)
    order = run_order(platform, None, None, [], dry_run=False, diff=False, trust=False)
    processes = usual_jobs(order.forge, os.cpu_count() or 1)
    found = {}
    with job_progress(printer, "Comparing", len(chosen)) as seen:
        for job, done in drift_of(chosen, DriftOrder(order), processes):
            found[job.target] = done
            seen(job, ())
    return Drifted(tuple(one for name in names for one in found[name]))
