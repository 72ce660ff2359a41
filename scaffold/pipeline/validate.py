"""`scaffold pipeline validate`: the static checks of a repo, none of which may be skipped."""

from pathlib import Path

from scaffold.checks.repo import Report, check_repo
from scaffold.errors import CheckFailedError


def validate(path: Path) -> Report:
    """Run every static check of the repo and return the report, in which each one passed.

    Raises CheckFailedError where a check failed or could not run: in a pipeline, a check that
    was skipped would look like one that passed.
    """
    report = check_repo(path, static_only=True)
    failed = [result for result in report.results if result.outcome == "failed"]
    not_run = [result for result in report.results if result.outcome == "not-run"]
    if not failed and not not_run:
        return report
    details = [
        line
        for result in (*failed, *not_run)
        for line in (
            f"{result.name} {result.target}: {result.outcome}",
            *(f"  {detail}" for detail in result.details),
        )
    ]
    raise CheckFailedError(
        f"{len(failed)} of {len(report.results)} checks failed, {len(not_run)} could not run",
        where=str(path),
        details=details,
        hint=(
            "Mend what failed; `scaffold check` does the same on your machine."
            if failed
            else "Install the tools named above; the CI image has them all."
        ),
    )
