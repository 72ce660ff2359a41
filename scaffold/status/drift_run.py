"""Drift of a fleet: each job's repos are compared, and on request healed, in several processes.

Input and result are plain data. A repo that fails is reported and does not stop the others.
"""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scaffold.errors import ScaffoldError
from scaffold.forge.api import Forge
from scaffold.forge.registry import open_forge
from scaffold.git.faults import explained
from scaffold.merge.decisions import shown
from scaffold.render.templates import TemplateRepo
from scaffold.status.drift import DriftFound, FileDrift, find_drift
from scaffold.status.drift_kind import DriftKind
from scaffold.status.heal import chosen, heal
from scaffold.upgrade.diffs import FileDiff, diff_file
from scaffold.upgrade.job import Order, RepoTarget, ServiceJob, ServiceJobs
from scaffold.upgrade.places import answers_paths
from scaffold.upgrade.plan import Project, Want
from scaffold.upgrade.remote import Remote, open_remote
from scaffold.upgrade.rollout import each_job
from scaffold.upgrade.state import UpgradeState
from scaffold.upgrade.work import template_repo


@dataclass(frozen=True)
class DriftLine:
    """One path that is not as it is rendered, as plain data.

    The commit that changed it last is in `commit`, `author`, `when` (ISO 8601) and `subject`, which
    are empty where the history does not tell.
    """

    path: str
    kind: DriftKind
    detail: str = ""
    commit: str = ""
    author: str = ""
    when: str = ""
    subject: str = ""


@dataclass(frozen=True)
class DriftReport:
    """The drift of one template of one repo.

    `healed` is what became of the files that were to be brought back, `files` of all with drift;
    `cause` is the reference of the error that it failed with, `message` its words.
    """

    target: str
    repo: str
    service: str = ""
    template: str = ""
    version: str = ""
    files: tuple[DriftLine, ...] = ()
    not_compared: tuple[str, ...] = ()
    diffs: tuple[FileDiff, ...] = ()
    healed: UpgradeState | None = None
    healing: tuple[str, ...] = ()
    branch: str = ""
    merge_request: str = ""
    cause: str = ""
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing but what the owner has done on purpose."""
        return not self.cause and all(one.kind.on_purpose for one in self.files)


@dataclass(frozen=True)
class DriftOrder:
    """The settings of a run; `order` are those that it shares with an upgrade.

    `wanted` are the paths to bring back, or `stale` for all that are stale or missing.
    """

    order: Order
    wanted: tuple[str, ...] = ()


def drift_of(
    service_jobs: ServiceJobs, order: DriftOrder, jobs: int
) -> Iterator[tuple[ServiceJob, Sequence[DriftReport]]]:
    """Compare the repos of all jobs, and yield each job as it is done, in any order."""
    for job, done in each_job(service_jobs, partial(_drift_job, order=order), jobs):
        if isinstance(done, ScaffoldError):
            yield job, [_failed(job, repo.shown, done) for repo in job.wanted]
        else:
            yield job, done


def _drift_job(job: ServiceJob, order: DriftOrder, shared: Path) -> list[DriftReport]:
    if job.problem:
        return [_failed(job, job.target, job.problem)]
    settings = order.order.forge
    forge = open_forge(settings) if settings and job.service and order.wanted else None
    with (
        tempfile.TemporaryDirectory(dir=shared) as scratch,
        ThreadPoolExecutor(len(job.wanted)) as threads,
    ):
        run = _Run(job, order, Path(scratch), shared, forge)
        done = threads.map(run.fetched, job.wanted)
        return [
            report
            for repo, remote in zip(job.wanted, done, strict=True)
            for report in run.repo(repo, remote)
        ]


@dataclass(frozen=True)
class _Run:
    job: ServiceJob
    order: DriftOrder
    scratch: Path
    shared: Path
    forge: Forge | None
    want: Want = field(init=False)

    def __post_init__(self) -> None:
        order = self.order.order
        want = Want(
            supplied=self.job.supplied,
            trusted=lambda url: order.trust_all or url in order.trusted,
            allowed=lambda url: order.allowed is None or url in order.allowed,
        )
        object.__setattr__(self, "want", want)

    def fetched(self, repo: RepoTarget) -> Remote | ScaffoldError:
        try:
            return open_remote(repo, self.scratch, self.forge)
        except Exception as error:  # noqa: BLE001 - whatever one repo brings out is its own
            return explained(error, where=repo.url)

    def repo(self, repo: RepoTarget, remote: Remote | ScaffoldError) -> Iterator[DriftReport]:
        if isinstance(remote, ScaffoldError):
            yield _failed(self.job, repo.shown, remote)
            return
        try:
            paths = answers_paths(
                remote.project(repo.folder).files,
                self._template,
                self.order.order.answers_file,
                remote.checkout(repo.folder),
            )
        except Exception as error:  # noqa: BLE001 - the same
            yield _failed(self.job, repo.shown, explained(error, where=repo.url))
            return
        for path in paths:
            try:
                yield self._project(repo, remote, remote.project(repo.folder, path))
            except Exception as error:  # noqa: BLE001 - the same
                yield _failed(self.job, repo.shown, explained(error, where=repo.url))

    def _template(self, url: str) -> TemplateRepo:
        return template_repo(url, self.shared, None)

    def _project(self, repo: RepoTarget, remote: Remote, project: Project) -> DriftReport:
        found = find_drift(project, self._template, self.want, self.scratch)
        files = chosen(found.files, self.order.wanted)
        state = None
        if files:
            author, dry_run = self.order.order.author, self.order.order.dry_run
            state = heal(project, found, files, remote, author, dry_run=dry_run)
        request = state.request if state else None
        return DriftReport(
            target=self.job.target,
            repo=repo.shown,
            service=self.job.service,
            template=found.template,
            version=found.version.name,
            files=tuple(map(_line, found.files)),
            not_compared=found.not_compared,
            diffs=_diffs(project, found) if self.order.order.diff else (),
            healed=state.would if state else None,
            healing=tuple(shown(one.path) for one in files),
            branch=state.branch if state else "",
            merge_request=request.url if request else "",
        )


def _line(one: FileDrift) -> DriftLine:
    last = one.last
    if last is None:
        return DriftLine(shown(one.path), one.kind, one.detail)
    return DriftLine(
        shown(one.path), one.kind, one.detail, last.id, last.author, last.when.isoformat(),
        last.subject,
    )  # fmt: skip


def _diffs(project: Project, found: DriftFound) -> tuple[FileDiff, ...]:
    """From what is rendered to what the repo has."""
    ours = project.files
    compared = [one for one in found.files if one.kind.healed and one.kind is not DriftKind.OWNED]
    diffs = (
        diff_file(
            shown(one.path),
            one.rendered.data.decode("utf-8", "replace") if one.rendered else None,
            ours[one.path].data.decode("utf-8", "replace") if one.path in ours else None,
        )
        for one in compared
    )
    return tuple(filter(None, diffs))


def _failed(job: ServiceJob, repo: str, error: ScaffoldError) -> DriftReport:
    return DriftReport(
        job.target, repo, job.service, cause=error.reference, message="\n".join(error.lines)
    )
