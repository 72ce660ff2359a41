"""The work on one job of a rollout, by one worker process.

Input and result are plain data. A repo that fails is reported and does not stop the others.
"""

import tempfile
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from scaffold.chain.release import empty_release, is_release, laid_out
from scaffold.checks.report import Outcome as CheckOutcome
from scaffold.checks.report import Report
from scaffold.config.places import release_folder, release_path
from scaffold.config.platform import PLATFORM_REPO
from scaffold.errors import ForgeError, ScaffoldError, StalePushError
from scaffold.forge.api import Forge, MergeRequest
from scaffold.forge.pages import repo_page
from scaffold.forge.registry import open_forge
from scaffold.git.faults import explained
from scaffold.git.tree import Entry
from scaffold.merge.decisions import Conflict, Decision, shown
from scaffold.render.offer import RELEASES
from scaffold.render.templates import TemplateRepo
from scaffold.upgrade.body import note_line
from scaffold.upgrade.branch import BranchState, apply_upgrade, look
from scaffold.upgrade.diffs import FileDiff, diff_file
from scaffold.upgrade.job import Order, RepoTarget, ServiceJob
from scaffold.upgrade.owners import reviewers
from scaffold.upgrade.places import answers_paths
from scaffold.upgrade.plan import Project, UpgradePlan, Want
from scaffold.upgrade.planning import plan_upgrade
from scaffold.upgrade.remote import Remote, open_remote
from scaffold.upgrade.report import Line, RepoReport
from scaffold.upgrade.state import UpgradeState
from scaffold.upgrade.verify import verify
from scaffold.upgrade.withdraw import withdraw

_NOTHING_TO_GET = frozenset(
    {UpgradeState.CURRENT, UpgradeState.CURRENT_IN_CONTENT, UpgradeState.AHEAD}
)
_RETRIES = 3
_TEMPLATES_IN_MEMORY = 16


def run_job(job: ServiceJob, order: Order, shared: Path) -> list[RepoReport]:
    """Plan, and unless it is a dry run apply, the upgrade of all repos of a job.

    `shared` is the folder of the whole run, in which templates are laid out once for all jobs.
    """
    if job.problem:
        return [_failed(job, PLATFORM_REPO, job.problem)]
    forge = open_forge(order.forge) if order.forge and job.service else None
    with (
        tempfile.TemporaryDirectory(dir=shared) as scratch,
        ThreadPoolExecutor(len(job.wanted)) as threads,
    ):
        places = dict(order.stand_ins)
        run = _Run(
            job,
            order,
            Path(scratch),
            lambda url: template_repo(url, shared, places.get(url)),
            forge,
        )
        fetched = [threads.submit(run.fetch, repo) for repo in job.wanted]
        return [
            report
            for repo, remote in zip(job.wanted, fetched, strict=True)
            for report in run.repo(repo, remote)
        ]


@lru_cache(maxsize=_TEMPLATES_IN_MEMORY)
def template_repo(url: str, shared: Path, place: Path | None) -> TemplateRepo:
    """A template, opened once a process; the arguments are those of TemplateRepo."""
    return TemplateRepo(url, shared, place)


@dataclass(frozen=True)
class _Run:
    job: ServiceJob
    order: Order
    scratch: Path
    templates: Any
    forge: Forge | None

    def fetch(self, repo: RepoTarget) -> Remote:
        """Fetch the present state of a repo. Raises ForgeError."""
        return open_remote(repo, self.scratch, self.forge)

    def repo(self, repo: RepoTarget, fetched: Future[Remote]) -> list[RepoReport]:
        """Work on all templates of one repo; its errors are reported and do not stop the others."""
        done: dict[str, RepoReport] = {}
        try:
            self._need_open(repo)
            remote = fetched.result()
            for _ in range(_RETRIES):
                with suppress(StalePushError):
                    self._all_templates(repo, remote, done)
                    return list(done.values())
                remote = self.fetch(repo)  # somebody else pushed first: plan it again
            self._all_templates(repo, remote, done)
            return list(done.values())
        except Exception as error:  # noqa: BLE001 - whatever one repo brings out is its own
            failure = explained(error, where=repo.url)
            return [*done.values(), _failed(self.job, repo.shown, failure)]

    def _need_open(self, repo: RepoTarget) -> None:
        """Raise ForgeError for a repo that accepts no branch: deleted, archived or renamed."""
        if self.forge is None or self.forge.url(repo.name) != repo.url:
            return
        on_forge = self.forge.find(repo.name)
        if on_forge is None:
            raise ForgeError(
                "there is no repo here", where=repo.url, hint="Was it moved or removed?"
            )
        if on_forge.name != repo.name:
            raise ForgeError(
                f"was renamed to `{on_forge.name}`",
                where=repo.url,
                hint="Name it and its URL in the catalog, or rename it back.",
            )
        if on_forge.archived:
            raise ForgeError(
                "is archived, so nothing can be pushed to it",
                where=repo.url,
                hint="Retire its service, or take it out of the archive.",
            )

    def _all_templates(self, repo: RepoTarget, remote: Remote, done: dict[str, RepoReport]) -> None:
        paths = answers_paths(
            remote.project(repo.folder).files,
            self.templates,
            self.order.answers_file,
            remote.checkout(repo.folder),
        )
        for path in paths:
            if path not in done:
                project = remote.project(repo.folder, path)
                done[path] = self._template(repo, remote, project)

    def _template(self, repo: RepoTarget, remote: Remote, project: Project) -> RepoReport:
        try:
            return self._once(repo, remote, project)
        except StalePushError:
            raise
        except ScaffoldError as error:
            return _failed(self.job, repo.shown, error)

    def _once(self, repo: RepoTarget, remote: Remote, project: Project) -> RepoReport:
        plan = plan_upgrade(project, self.templates, self._want(), self.scratch)
        if self.order.plan_only or plan.state in _NOTHING_TO_GET:
            return self._settled(repo, plan, remote)
        seen = look(plan, remote, reopen=self.order.reopen)
        if seen.would.left_alone and not (seen.reopens and not self.order.dry_run):
            return self._report(repo, plan, seen.would, seen)
        # What is on the branch already was checked before it was pushed there.
        pushes = seen.would.pushes
        checked = self._checked(repo, plan) if pushes else Report(())
        not_checked = tuple(
            f"{result.name} {result.target}: {' '.join(result.details)}"
            for result in checked.of(CheckOutcome.NOT_RUN)
        )
        drafted = UpgradeState.CONFLICTS if plan.merged.conflicts else None
        if self.order.dry_run:
            # A branch that has the upgrade already is reported as such.
            result = plan.state if pushes or seen.reopens else drafted or seen.would
            return self._report(repo, plan, result, seen, not_checked=not_checked)
        siblings = tuple(other.url for other in self.job.repos if other is not repo)
        done = apply_upgrade(plan, remote, seen, self.order.author, siblings)
        result = done.would
        if not result.left_alone:
            result = drafted or (UpgradeState.REOPENED if done.reopens else result)
        return self._report(repo, plan, result, done, not_checked=not_checked)

    def _settled(self, repo: RepoTarget, plan: UpgradePlan, remote: Remote) -> RepoReport:
        """The report on an up-to-date repo; an open merge request of an older upgrade is closed."""
        ahead = plan.state is UpgradeState.AHEAD
        if ahead or self.order.plan_only or self.order.dry_run:
            return self._report(repo, plan, plan.state)
        closed = withdraw(plan, remote)
        report = self._report(repo, plan, UpgradeState.CLOSED if closed else plan.state)
        return _with_request(report, closed)

    def _checked(self, repo: RepoTarget, plan: UpgradePlan) -> Report:
        return verify(plan, self.scratch / "checks" / repo.name)

    def _want(self) -> Want:
        order = self.order
        return Want(
            version=order.version,
            given=order.data,
            supplied=self.job.supplied,
            trusted=lambda url: order.trust_all or url in order.trusted,
            allowed=lambda url: order.allowed is None or url in order.allowed,
            offer=lambda url: self.job.offers.get(url, RELEASES),
            machine_files=_missing_pins,
            record_version=order.record_version,
        )

    def _report(
        self,
        repo: RepoTarget,
        plan: UpgradePlan,
        result: UpgradeState,
        seen: BranchState | None = None,
        not_checked: tuple[str, ...] = (),
    ) -> RepoReport:
        """The report on a plan, applied or not; `seen` is the state on the forge."""
        conflicts = plan.merged.conflicts if seen is None else seen.unsettled
        done = not result.left_alone
        report = RepoReport(
            target=self.job.target,
            repo=repo.shown,
            service=self.job.service,
            result=result,
            template=plan.template,
            old=plan.old.name,
            new=plan.new.name,
            branch=seen.branch if seen and seen.head else "",
            notes=_notes(plan, seen) if done else (),
            decisions=tuple(_line(decision) for decision in plan.merged.decisions) if done else (),
            conflicts=tuple(self._conflict(plan, conflict) for conflict in conflicts),
            not_checked=not_checked,
            files=changed_files(plan) if self.order.diff and done else (),
            page=repo_page(repo.url),
        )
        return _with_request(report, seen.request if seen else None)

    def _conflict(self, plan: UpgradePlan, conflict: Conflict) -> Line:
        """A conflict; where only a plan is made, with the owners of its file, or the service's."""
        if not self.order.plan_only:
            return _line(conflict)
        supplied = str(self.job.supplied.get("owner", ""))
        owners = reviewers(plan.project.files, [conflict.path]) or tuple(filter(None, [supplied]))
        return replace(_line(conflict), owners=owners)


def _with_request(report: RepoReport, request: MergeRequest | None) -> RepoReport:
    if request is None:
        return report
    return replace(report, merge_request=request.url, merge_request_number=request.number)


def _notes(plan: UpgradePlan, seen: BranchState | None) -> tuple[str, ...]:
    told = tuple(note_line(note) for note in plan.notes)
    return (seen.note, *told) if seen and seen.note else told


def failed(job: ServiceJob, error: ScaffoldError) -> list[RepoReport]:
    """The reports on a job whose work has ended in an error."""
    return [_failed(job, repo.shown, error) for repo in job.wanted]


def _failed(job: ServiceJob, repo: str, error: ScaffoldError) -> RepoReport:
    return RepoReport(
        target=job.target,
        repo=repo,
        service=job.service,
        result=UpgradeState.FAILED,
        cause=error.reference,
        message="\n".join(error.lines),
    )


def _line(decision: Decision | Conflict) -> Line:
    old = shown(decision.old) if isinstance(decision, Decision) else ""
    return Line(shown(decision.path), decision.kind, shown(decision.detail), old)


def _missing_pins(answers: Mapping[str, Any], files: Mapping[str, Entry]) -> dict[str, Entry]:
    """The empty pins of new environments in an env repo: templates render no pins."""
    environments = answers.get("environments")
    has_pins = any(is_release(path) for path in files)
    if not has_pins or not isinstance(environments, list):
        return {}
    names = [
        str(environment["name"]) for environment in environments if isinstance(environment, dict)
    ]
    new: dict[str, Entry] = {}
    for name in names:
        if release_path(name) not in files:
            new |= laid_out(release_folder(name), empty_release())
    return new


def changed_files(plan: UpgradePlan) -> tuple[FileDiff, ...]:
    """The changes of the upgrade, file by file, without files whose lines are the same."""
    files = plan.project.files
    diffs = (
        diff_file(shown(path), _text(files.get(path)), _text(entry))
        for path, entry in sorted(plan.merged.changes.items())
    )
    return tuple(filter(None, diffs))


def _text(entry: Entry | None) -> str | None:
    return None if entry is None else entry.data.decode("utf-8", "replace")
