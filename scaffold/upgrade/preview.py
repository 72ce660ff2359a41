"""The effect of a blueprint's unreleased change on the whole fleet.

It is the upgrade's own plan for each repo, to a version that only this run knows. Nothing is
pushed. Static checks take the better part of a second a repo, so they run once for each kind of
change (see `shapes`), on one example repo.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scaffold.upgrade.diffs import conflicting_lines, diff_text, without_version
from scaffold.upgrade.job import Order, ServiceJob, ServiceJobs
from scaffold.upgrade.report import Line, RepoReport
from scaffold.upgrade.rollout import run_jobs
from scaffold.upgrade.shapes import Shape, blurred, shape_of, wordless
from scaffold.upgrade.state import UpgradeState

# Else the branch is left alone.
_CHECKED = frozenset({UpgradeState.WOULD_CHANGE, UpgradeState.FAILED})
_MOST_SURPRISING = 10
_MOST_CHECKED = 40  # kinds of change; the most common ones first


@dataclass(frozen=True)
class Change:
    """One kind of change, the number of repos that get it, and one of them as the example.

    `checked` tells whether the checks ran on the example; `broken` are their findings that are new
    with the change, `not_checked` the checks that could not run.
    """

    shape: Shape
    repos: int
    example: RepoReport
    checked: bool = False
    broken: str = ""
    not_checked: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """The changes of the example, without the version, which every upgrade changes."""
        return diff_text(without_version(self.example.files))

    @property
    def wordless(self) -> list[Line]:
        """Files of the example that change without any change of lines."""
        return wordless(self.example.files, self.example.decisions)


@dataclass(frozen=True)
class Clash:
    """One kind of conflict in one file, the number of repos that have it, and an example.

    `lines` are those with the markers, as they would be in the draft; empty for a kind without
    markers.
    """

    repos: int
    example: str
    line: Line
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """The effect of a release; kinds of change and of conflict are sorted, most common first."""

    services: int
    counts: Mapping[UpgradeState, int]
    only_version: int
    changes: tuple[Change, ...]
    conflicts: tuple[RepoReport, ...]
    clashes: tuple[Clash, ...]
    failures: tuple[RepoReport, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing conflicts, fails, or would break a check."""
        return not (self.conflicts or self.failures or self.broken)

    @property
    def repos(self) -> int:
        """The number of repos that were looked at."""
        return sum(self.counts.values())

    @property
    def broken(self) -> tuple[Change, ...]:
        """The kinds of change that would break a check."""
        return tuple(change for change in self.changes if change.broken)

    @property
    def not_run(self) -> tuple[str, ...]:
        """The checks that could not run, each once."""
        return tuple(sorted({name for change in self.changes for name in change.not_checked}))

    @property
    def surprising(self) -> tuple[Change, ...]:
        """The rarest changes, the largest first: those that an author does not expect."""
        rare = sorted(
            self.changes, key=lambda change: (change.repos, -change.shape.size, change.example.repo)
        )
        return tuple(rare[:_MOST_SURPRISING])


@dataclass
class _Totals:
    """The data that is kept of each repo: one diff for each kind of change or conflict."""

    counts: Counter[UpgradeState] = field(default_factory=Counter)
    shapes: Counter[Shape] = field(default_factory=Counter)
    examples: dict[Shape, RepoReport] = field(default_factory=dict)
    conflicts: list[RepoReport] = field(default_factory=list)
    clashes: dict[tuple[str, str], Clash] = field(default_factory=dict)
    failures: list[RepoReport] = field(default_factory=list)
    only_version: int = 0

    def take(self, job: ServiceJob, reports: Iterable[RepoReport]) -> None:
        """Count the repos of one job."""
        for report in reports:
            self.counts[report.result] += 1
            if report.result is UpgradeState.FAILED:
                self.failures.append(report)
            elif report.result is UpgradeState.WOULD_CONFLICT:
                self._clash(report, _names(job))
            elif report.result is UpgradeState.CURRENT_IN_CONTENT:
                self.only_version += 1
            elif report.result is UpgradeState.WOULD_CHANGE:
                self._count(shape_of(report.files, report.decisions, _names(job)), report)

    def _count(self, shape: Shape, report: RepoReport) -> None:
        if not shape.digest:
            self.only_version += 1
            return
        self.shapes[shape] += 1
        known = self.examples.get(shape)
        if (
            known is None or report.repo < known.repo
        ):  # the same example whatever the order of the repos
            self.examples[shape] = report

    def _clash(self, report: RepoReport, names: Mapping[str, str]) -> None:
        self.conflicts.append(replace(report, files=()))
        files = {file.path: file for file in report.files}
        for line in report.conflicts:
            kind = (blurred(line.path, names), line.kind)
            known = self.clashes.get(kind)
            if known is not None and known.example <= report.repo:
                self.clashes[kind] = replace(known, repos=known.repos + 1)
                continue
            lines = tuple(conflicting_lines(files[line.path])) if line.path in files else ()
            self.clashes[kind] = Clash(known.repos + 1 if known else 1, report.repo, line, lines)


def preview(
    service_jobs: ServiceJobs,
    order: Order,
    *,
    jobs: int,
    seen: Callable[[ServiceJob, Sequence[RepoReport]], None] = lambda _job, _reports: None,
) -> Preview:
    """Plan the upgrade of all jobs to the candidate, and check each kind of change once."""
    totals = _Totals()
    for job, reports in run_jobs(service_jobs, replace(order, plan_only=True, diff=True), jobs):
        totals.take(job, reports)
        seen(job, reports)
    common = sorted(totals.shapes, key=lambda shape: (-totals.shapes[shape], shape.digest))
    changes = [Change(shape, totals.shapes[shape], totals.examples[shape]) for shape in common]
    return Preview(
        services=len(service_jobs),
        counts={result: totals.counts[result] for result in UpgradeState if totals.counts[result]},
        only_version=totals.only_version,
        changes=tuple(_checked(changes, service_jobs, order, jobs)),
        conflicts=tuple(sorted(totals.conflicts, key=lambda report: report.repo)),
        clashes=tuple(sorted(totals.clashes.values(), key=_commonest)),
        failures=tuple(sorted(totals.failures, key=lambda report: report.repo)),
    )


def _commonest(clash: Clash) -> tuple[int, str, str, str]:
    return -clash.repos, clash.line.path, clash.line.kind, clash.example


def _names(job: ServiceJob) -> dict[str, str]:
    """The names of a service and its owner, which differ between services."""
    return {job.service: "<service>", str(job.supplied.get("owner", "")): "<owner>"}


def _checked(
    changes: Sequence[Change], service_jobs: ServiceJobs, order: Order, jobs: int
) -> list[Change]:
    """Run the checks on the examples of the most common changes."""
    chosen = {change.example.repo: change for change in changes[:_MOST_CHECKED]}
    alone = [
        _one_repo(service_jobs.make(change.example.target), name) for name, change in chosen.items()
    ]
    run_order = replace(order, dry_run=True, diff=False)
    reports = {
        report.repo: report
        for _, repo_reports in run_jobs(ServiceJobs.of(alone), run_order, jobs)
        for report in repo_reports
    }
    return [_with_checks(change, reports.get(change.example.repo)) for change in changes]


def _one_repo(job: ServiceJob, name: str) -> ServiceJob:
    repos = tuple(repo for repo in job.repos if repo.name == name)
    return replace(job, target=f"{job.target}/{name}", repos=repos)


def _with_checks(change: Change, report: RepoReport | None) -> Change:
    if report is None or report.result not in _CHECKED:
        return change
    broken = report.message if report.result is UpgradeState.FAILED else ""
    return replace(change, checked=True, broken=broken, not_checked=report.not_checked)
