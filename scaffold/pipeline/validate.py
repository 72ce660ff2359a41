"""`scaffold pipeline validate`: the static checks of a repo, none of which may be skipped."""

from pathlib import Path

from scaffold.checks.report import Outcome, Report
from scaffold.errors import CheckFailedError
from scaffold.fleet.check import check_checkout


def validate(path: Path) -> Report:
    """Run every static check of the repo and return the report, in which each one passed.

    Raises CheckFailedError where a check failed or could not run: in a pipeline, a check that
    was skipped would look like one that passed.
    """
    report = check_checkout(path, static_only=True)
    failed, not_run = report.of(Outcome.FAILED), report.of(Outcome.NOT_RUN)
    if report.ok and report.complete:
        return report
    raise CheckFailedError(
        f"{len(failed)} of {len(report.results)} checks failed, {len(not_run)} could not run",
        where=str(path),
        details=[line for result in (*failed, *not_run) for line in result.lines],
        hint=(
            "Mend what failed; `scaffold check` does the same on your machine."
            if failed
            else "Install the tools named above; the CI image has them all."
        ),
    )
