"""One unit of a rollout: a service with all its repos, or one repo by itself.

It is what one process works on at a time; all it needs and returns is plain data. A repo that
fails is reported and does not stop the others.
"""

import difflib
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from scaffold.blueprint.templates import TemplateRepo
from scaffold.chain import pins
from scaffold.checks.report import Outcome as CheckOutcome
from scaffold.errors import ForgeError, ScaffoldError, StalePushError, unexpected
from scaffold.forge import Forge, open_forge
from scaffold.git import transport
from scaffold.git.tree import CommitTree, Entry, Identity, init_bare, open_repo
from scaffold.model.forge import ForgeSettings
from scaffold.model.platform import PLATFORM_REPO
from scaffold.upgrade.answers_file import find_answers_files
from scaffold.upgrade.body import note_line
from scaffold.upgrade.branch import Applied, Remote, apply_upgrade, look
from scaffold.upgrade.decisions import Conflict, Decision, shown
from scaffold.upgrade.plan import Project, State, UpgradePlan, Want, plan_upgrade
from scaffold.upgrade.report import Line, RepoReport, Result
from scaffold.upgrade.verify import verify

_RETRIES = 3
_TEMPLATES_IN_MEMORY = 16
_RESULTS = {
    Applied.OPENED: Result.OPENED,
    Applied.UPDATED: Result.UPDATED,
    Applied.UNCHANGED: Result.UNCHANGED,
    Applied.HELD: Result.HELD,
    Applied.MUTED: Result.MUTED,
}
_NOT_DONE = frozenset({Applied.HELD, Applied.MUTED})


@dataclass(frozen=True)
class RepoTarget:
    """One repo: where it is, and a folder of it, if that is meant."""

    name: str
    url: str
    folder: str = ""


@dataclass(frozen=True)
class Unit:
    """One service, or one repo without a service (`service` is empty then).

    `problem` is why nothing can be done for it at all.
    """

    target: str
    repos: tuple[RepoTarget, ...]
    service: str = ""
    supplied: Mapping[str, Any] = field(default_factory=dict)
    problem: ScaffoldError | None = None


@dataclass(frozen=True)
class Order:
    """What is to be done to every unit of a run.

    `allowed` are the templates that may be used, None for any; `trusted` those whose code may run.
    `stand_ins` are folders of git repos that take the place of templates, by their URL. With
    `plan_only` nothing is checked, and neither branches nor merge requests are looked at.
    """

    author: Identity
    version: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    plan_only: bool = False
    diff: bool = False
    trust_all: bool = False
    trusted: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None
    forge: ForgeSettings | None = None
    stand_ins: frozenset[tuple[str, Path]] = frozenset()


def open_remote(repo: RepoTarget, scratch: Path, forge: Forge | None) -> tuple[Remote, str, str]:
    """Open a repo; return it with the head of its default branch and that branch's name.

    A local one is worked on in place: objects that no branch has do it no harm. Raises ForgeError.
    """
    folder = transport.local_folder(repo.url)
    if folder is None:
        folder = scratch / "repos" / repo.name
        folder.parent.mkdir(parents=True, exist_ok=True)
        init_bare(folder)
    elif not folder.exists():
        raise ForgeError("there is no repo here", where=repo.url, hint="Was it moved or removed?")
    elif (folder / ".git").is_dir():
        folder = folder / ".git"
    head, branch = transport.default_head(repo.url)
    if head not in open_repo(folder):
        transport.fetch(folder, repo.url, f"refs/heads/{branch}")
    return Remote(folder, repo.url, repo.name, forge), head, branch


def _need_open(repo: RepoTarget, forge: Forge) -> None:
    """Raise ForgeError where a repo takes no branch: gone, archived, or found elsewhere by now."""
    found = forge.find(repo.name)
    if found is None:
        raise ForgeError("there is no repo here", where=repo.url, hint="Was it moved or removed?")
    if found.name != repo.name:
        raise ForgeError(
            f"was renamed to `{found.name}`",
            where=repo.url,
            hint="Name it and its URL in the catalog, or rename it back.",
        )
    if found.archived:
        raise ForgeError(
            "is archived, so nothing can be pushed to it",
            where=repo.url,
            hint="Retire its service, or take it out of the archive.",
        )


def run_unit(unit: Unit, order: Order, shared: Path) -> list[RepoReport]:
    """Plan, and unless it is a dry run apply, the upgrade of all repos of a unit.

    `shared` is the folder of the whole run, in which templates are laid out once for all units.
    """
    if unit.problem:
        return [_failed(unit, PLATFORM_REPO, unit.problem)]
    forge = open_forge(order.forge) if order.forge else None
    with tempfile.TemporaryDirectory(dir=shared) as scratch:
        places = dict(order.stand_ins)
        run = _Run(
            unit,
            order,
            Path(scratch),
            lambda url: _template_repo(url, shared, places.get(url)),
            forge,
        )
        return [report for repo in unit.repos for report in run.repo(repo)]


@lru_cache(maxsize=_TEMPLATES_IN_MEMORY)
def _template_repo(url: str, shared: Path, place: Path | None) -> TemplateRepo:
    return TemplateRepo(url, shared, place)


@dataclass(frozen=True)
class _Run:
    unit: Unit
    order: Order
    scratch: Path
    templates: Any
    forge: Forge | None

    def repo(self, repo: RepoTarget) -> list[RepoReport]:
        """All templates of one repo. Whatever goes wrong with it, the fleet goes on."""
        done: dict[str, RepoReport] = {}
        try:
            for _ in range(_RETRIES):
                with suppress(StalePushError):  # somebody else was quicker: plan it afresh
                    self._all_templates(repo, done)
                    return list(done.values())
            self._all_templates(repo, done)
            return list(done.values())
        except ScaffoldError as error:
            return [*done.values(), _failed(self.unit, repo.name, error)]
        except Exception as error:  # noqa: BLE001 - a fault that one repo brings out is its own
            return [*done.values(), _failed(self.unit, repo.name, unexpected(error))]

    def _all_templates(self, repo: RepoTarget, done: dict[str, RepoReport]) -> None:
        forge = self.forge if self.unit.service else None
        if forge is not None and forge.url(repo.name) == repo.url:
            _need_open(repo, forge)
        remote, head, branch = open_remote(repo, self.scratch, forge)
        store = open_repo(remote.folder)
        for path in find_answers_files(CommitTree(store, head, repo.folder)):
            if path not in done:
                project = Project(store, head, repo.name, repo.folder, path, branch)
                done[path] = self._template(repo, remote, project)

    def _template(self, repo: RepoTarget, remote: Remote, project: Project) -> RepoReport:
        try:
            return self._once(repo, remote, project)
        except StalePushError:
            raise
        except ScaffoldError as error:
            return _failed(self.unit, repo.name, error)

    def _once(self, repo: RepoTarget, remote: Remote, project: Project) -> RepoReport:
        plan = plan_upgrade(project, self.templates, self._want(), self.scratch)
        if plan.state in {State.CURRENT, State.AHEAD}:
            return self._report(repo, plan, Result(plan.state.value))
        conflicts = plan.state is State.CONFLICTS
        if self.order.plan_only:
            return self._report(repo, plan, _would(Applied.OPENED, conflicts=conflicts))
        checked = verify(plan, self.scratch / "checks" / repo.name)
        not_checked = tuple(
            f"{one.name} {one.target}: {' '.join(one.details)}"
            for one in checked.of(CheckOutcome.NOT_RUN)
        )
        if self.order.dry_run:
            result = _would(look(plan, remote).would, conflicts=conflicts)
            return self._report(repo, plan, result, not_checked=not_checked)
        siblings = tuple(one.url for one in self.unit.repos if one is not repo)
        done = apply_upgrade(plan, remote, self.order.author, siblings)
        conflicted = conflicts and done.applied not in _NOT_DONE
        result = Result.CONFLICTS if conflicted else _RESULTS[done.applied]
        return self._report(
            repo,
            plan,
            result,
            branch=done.branch,
            request=done.request.url if done.request else "",
            not_checked=not_checked,
        )

    def _want(self) -> Want:
        order = self.order
        return Want(
            version=order.version,
            given=order.data,
            supplied=self.unit.supplied,
            trusted=lambda url: order.trust_all or url in order.trusted,
            allowed=lambda url: order.allowed is None or url in order.allowed,
            machine_files=_missing_pins,
        )

    def _report(
        self, repo: RepoTarget, plan: UpgradePlan, result: Result, **more: Any
    ) -> RepoReport:
        merged = plan.merged
        return RepoReport(
            target=self.unit.target,
            repo=repo.name,
            service=self.unit.service,
            result=result,
            template=plan.template,
            old=plan.old.name,
            new=plan.new.name,
            notes=tuple(note_line(note) for note in plan.notes),
            decisions=tuple(_line(one) for one in merged.decisions),
            conflicts=tuple(_line(one) for one in merged.conflicts),
            diff=diff_text(plan) if self.order.diff else "",
            **more,
        )


def _failed(unit: Unit, repo: str, error: ScaffoldError) -> RepoReport:
    message = "\n".join(filter(None, [str(error), *error.details, error.hint]))
    return RepoReport(
        target=unit.target,
        repo=repo,
        service=unit.service,
        result=Result.FAILED,
        cause=error.reference,
        message=message,
    )


def _line(one: Decision | Conflict) -> Line:
    return Line(shown(one.path), one.kind, shown(one.detail))


def _would(applied: Applied, *, conflicts: bool) -> Result:
    """How a repo would end, for a dry run; what is on its branch already is no news."""
    if applied in _NOT_DONE:
        return _RESULTS[applied]
    if applied is Applied.UNCHANGED:
        return Result.CONFLICTS if conflicts else Result.UNCHANGED
    return Result.WOULD_CONFLICT if conflicts else Result.WOULD_CHANGE


def _missing_pins(answers: Mapping[str, Any], files: Mapping[str, Entry]) -> dict[str, Entry]:
    """The empty pin of each environment that is new in an env repo: templates render no pins."""
    environments = answers.get("environments")
    has_pins = any(pins.is_release(path) for path in files)
    if not has_pins or not isinstance(environments, list):
        return {}
    paths = [pins.release_path(str(one["name"])) for one in environments if isinstance(one, dict)]
    return {path: Entry.file(pins.write_empty_release()) for path in paths if path not in files}


def diff_text(plan: UpgradePlan) -> str:
    """What the upgrade changes, as a unified diff."""
    files = plan.project.files
    lines: list[str] = []
    for path, entry in sorted(plan.merged.changes.items()):
        before = files[path].data if path in files else b""
        after = entry.data if entry is not None else b""
        lines += difflib.unified_diff(
            before.decode("utf-8", "replace").splitlines(),
            after.decode("utf-8", "replace").splitlines(),
            f"a/{path}" if path in files else "/dev/null",
            f"b/{path}" if entry is not None else "/dev/null",
            lineterm="",
        )
    return shown("\n".join(lines))
