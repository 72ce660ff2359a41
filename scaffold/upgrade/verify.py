"""Static checks of an upgrade's result, before it is pushed: valid repos stay valid."""

from collections.abc import Mapping
from pathlib import Path

from scaffold.checks.repo import may_break, static_checks
from scaffold.checks.report import Outcome, Report, run_checks
from scaffold.config.repofile import REPOFILE
from scaffold.errors import CheckFailedError
from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry
from scaffold.upgrade.plan import UpgradePlan
from scaffold.upgrade.state import UpgradeState


def verify(plan: UpgradePlan, scratch: Path) -> Report:
    """Check what the changes could break; files with conflict markers are not checked.

    Raises CheckFailedError where something fails that passed before.
    """
    files = plan.project.files
    if plan.state is not UpgradeState.WOULD_CHANGE or REPOFILE not in files:
        return Report(())
    changed = frozenset(plan.merged.changes)
    if not may_break(changed, [*files, *changed]):
        return Report(())
    report = _check(plan.merged.applied_to(files), changed, scratch / "after")
    if report.ok:
        return report
    before = _check(files, changed, scratch / "before")
    known = {(result.name, result.target) for result in before.of(Outcome.FAILED)}
    new = [
        result for result in report.of(Outcome.FAILED) if (result.name, result.target) not in known
    ]
    if new:
        raise CheckFailedError(
            "what passed its checks would fail them after the upgrade, so nothing was pushed",
            where=plan.project.name,
            details=[
                line.replace(f"{scratch / 'after'}/", "") for result in new for line in result.lines
            ],
            hint="Tell the blueprint's authors, or fix what the owner changed there.",
        )
    return report


def _check(tree: Mapping[str, Entry], changed: frozenset[str], folder: Path) -> Report:
    write_folder(tree, folder)
    return run_checks(static_checks(folder, changed=changed))
