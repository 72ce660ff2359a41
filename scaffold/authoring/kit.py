"""The test kit: renders all paired repos of a blueprint at once, and upgrades them."""

import difflib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scaffold.authoring.matrix import needed_answers
from scaffold.authoring.stand_in import stand_in_platform
from scaffold.authoring.versions import TESTER, Versions
from scaffold.chain.edges import edges
from scaffold.checks.report import Outcome, Report
from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry, Tree, change_tree, make_commit, open_repo
from scaffold.merge.decisions import Kind, shown
from scaffold.render.answers_file import find_answers_files, read_answers_file
from scaffold.render.environment import undefined_is_an_error
from scaffold.render.render import Destination, render_template
from scaffold.render.source import BlueprintVersion
from scaffold.service.answers import environment_answers, platform_answers
from scaffold.service.first_pins import NewRepo
from scaffold.service.plan import NewService, assemble_service, check_service
from scaffold.upgrade.plan import Project, UpgradePlan, Want
from scaffold.upgrade.planning import plan_upgrade

SERVICE = "shop"
_VERSION_KEYS = ("_commit:", "_src_path:")


@dataclass(frozen=True)
class Paired:
    """All paired repos of one service, laid out in folders; don't write to them."""

    service: NewService
    root: Path
    machine: Callable[[str, str], bool]

    def __getitem__(self, repo: str) -> Path:
        """The folder of one of the repos."""
        if repo not in self.trees:
            raise KeyError(f"there is no repo `{repo}`, but {', '.join(self.trees)}")
        return self.root / repo

    @cached_property
    def trees(self) -> dict[str, Tree]:
        """The files of each repo, pins included."""
        return {one.repo: one.tree for one in self.service.repos}

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers that the repos were rendered with."""
        return self.service.answers

    @property
    def text(self) -> str:
        """Every file of every repo as one text, for a snapshot.

        Pins are left out, and the blueprint's version: they are others after each commit.
        """
        return text_of(self.trees, self.machine)

    @cached_property
    def report(self) -> Report:
        """What the static checks of `scaffold check` find in the assembled set."""
        with tempfile.TemporaryDirectory(dir=self.root.parent) as scratch:
            found = check_service(self.service, Path(scratch)).results
        return Report(tuple(one.told_from(Path(scratch) / "assembled") for one in found))

    def check(self) -> None:
        """Fail where a static check fails; one whose tool is missing is passed over."""
        failed = self.report.of(Outcome.FAILED)
        if failed:
            lines = [line for one in failed for line in one.lines]
            raise AssertionError("\n".join(["static checks failed:", *lines]))


@dataclass(frozen=True)
class Upgraded:
    """The same repos after an upgrade; what was not there before the upgrade is not in it."""

    plans: Mapping[str, UpgradePlan]
    machine: Callable[[str, str], bool]

    @cached_property
    def trees(self) -> dict[str, Tree]:
        """The files of each repo, pins included."""
        return {repo: plan.merged.applied_to(plan.project.files)
                for repo, plan in self.plans.items()}  # fmt: skip

    @property
    def conflicts(self) -> list[str]:
        """`repo/path: kind` of all that a person would have to settle."""
        return [
            f"{repo}/{shown(one.path)}: {one.kind.value}"
            for repo, plan in self.plans.items()
            for one in plan.merged.conflicts
        ]

    @property
    def decisions(self) -> list[str]:
        """`repo/path: kind` of all that the upgrade did."""
        return [
            f"{repo}/{shown(one.path)}: {one.kind.value}"
            for repo, plan in self.plans.items()
            for one in plan.merged.decisions
        ]

    @property
    def text(self) -> str:
        """Every file of every repo as one text, as `Paired.text` has them."""
        return text_of(self.trees, self.machine)


class Kit:
    """What is done with one blueprint; the same answers are rendered once."""

    def __init__(self, versions: Versions, scratch: Path) -> None:
        self._versions = versions
        self._scratch = scratch
        self._platform = stand_in_platform(scratch, versions.current)
        self._rendered: dict[str, Paired] = {}

    @property
    def releases(self) -> tuple[str, ...]:
        """The released versions, newest first."""
        return self._versions.releases

    def render(self, **answers: Any) -> Paired:
        """All paired repos as a new service gets them; `service` is `shop` where it is not given.

        A question without a default has the first of its `test.answers` where it is not given.
        What is not defined is an error, other than in a real run, where it renders to nothing.
        Raises AnswerError, RenderError.
        """
        key = repr(sorted(answers.items()))
        if key not in self._rendered:
            with undefined_is_an_error():
                self._rendered[key] = self.render_version(self._versions.current, answers)
        return self._rendered[key]

    def render_version(self, version: BlueprintVersion, answers: Mapping[str, Any]) -> Paired:
        """The same for any version."""
        root = self._folder()
        scratch = self._folder()
        service = assemble_service(
            self._platform,
            version,
            {"service": SERVICE, **needed_answers(version), **answers},
            wanted_version=None,
            prompt=None,
            author=TESTER,
            scratch=scratch,
            busy=lambda _: nullcontext(),
            trust=True,  # whoever tests a blueprint has its code on this machine already
        )
        for one in service.repos:
            write_folder(one.tree, root / one.repo)
        return Paired(service, root, self._machine(version))

    def upgrade_from(
        self, version: str, *, edits: Mapping[str, str | None] | None = None, **answers: Any
    ) -> Upgraded:
        """Make a service of a released version, and upgrade it to what lies in the folder.

        `edits` are changes of its owner before that: `repo/path` to the new text, None deletes.
        Raises BlueprintNotFoundError, AnswerError, RenderError.
        """
        return self.upgrade(self.released(version, answers), edits=edits)

    def released(self, version: str, answers: Mapping[str, Any]) -> NewService:
        """A service as a released version makes it.

        Raises BlueprintNotFoundError, AnswerError, RenderError.
        """
        return self.render_version(self._versions.release(version), answers).service

    def upgrade(
        self, before: NewService, *, edits: Mapping[str, str | None] | None = None
    ) -> Upgraded:
        """Upgrade a service to what lies in the folder. Raises AnswerError, RenderError."""
        kept = [one for one in before.repos if one.repo in self._versions.current.model.repos]
        scratch = self._folder()
        plans = {
            one.repo: plan_upgrade(
                self._project(before, one, edits or {}),
                lambda _: self._versions.templates,
                self._want(before),
                scratch,
            )
            for one in kept
        }
        return Upgraded(plans, self._machine(self._versions.current))

    @property
    def supplied(self) -> frozenset[str]:
        """The questions that the platform answers."""
        given = platform_answers(self._platform.model, SERVICE, "", {})
        return frozenset({"repo", "environments", *given} - {"service"})

    def fresh_like(self, upgraded: Upgraded) -> Paired:
        """What a new service gets that answers as the upgraded repos have it recorded."""
        recorded: dict[str, Any] = {}
        for tree in upgraded.trees.values():
            path = find_answers_files(tree)[0]
            recorded |= read_answers_file(path, tree[path]).recorded
        return self.render(
            **{name: value for name, value in recorded.items() if name not in self.supplied}
        )

    def differences(self, upgraded: Upgraded) -> list[str]:
        """Where upgraded repos are not as fresh ones; files that are made only once may differ."""
        fresh = self.fresh_like(upgraded)
        lines: list[str] = []
        for repo, plan in upgraded.plans.items():
            one, other = upgraded.trees[repo], fresh.trees[repo]
            own = self._owned_once(repo, fresh.answers)
            by_task = {note.path for note in plan.merged.decisions if note.kind is Kind.TASK}
            for path in sorted(one.keys() | other.keys()):
                free = path in by_task or own(path) or upgraded.machine(repo, path)
                if not free and one.get(path) != other.get(path):
                    lines += _difference(f"{repo}/{path}", one.get(path), other.get(path))
        return lines

    def _owned_once(self, repo: str, answers: Mapping[str, Any]) -> Callable[[str], bool]:
        place = Destination("repo")
        version, scratch = self._versions.current, self._folder()
        whole = {**answers, "repo": repo}
        return render_template(version, whole, place, scratch=scratch, trust=True).owned_once

    def _project(
        self, service: NewService, one: NewRepo, edits: Mapping[str, str | None]
    ) -> Project:
        store = open_repo(service.store)
        changes = {
            path.removeprefix(f"{one.repo}/"): None if text is None else Entry.file(text.encode())
            for path, text in edits.items()
            if path.startswith(f"{one.repo}/")
        }
        head = one.commit
        if changes:
            tree = change_tree(store, head, changes)
            head = make_commit(store, tree, "Edit\n", TESTER, [head])
        answers_path = find_answers_files(one.tree)[0]
        return Project(store, head, one.name, answers_path=answers_path)

    def _want(self, before: NewService) -> Want:
        model, name, owner = self._platform.model, before.service.name, before.service.owner
        siblings = {repo: (one.name, one.url) for repo, one in before.service.repos.items()}
        supplied = platform_answers(model, name, owner, siblings)
        supplied["environments"] = environment_answers(model, name, owner)
        return Want(
            version=self._versions.current.version, supplied=supplied, trusted=lambda _: True
        )

    def _machine(self, version: BlueprintVersion) -> Callable[[str, str], bool]:
        """Whether a file of a repo is the bot's."""
        found = edges(version.model, self._platform.model)
        return lambda repo, path: any(edge.down == repo and edge.owns(path) for edge in found)

    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._scratch))


def text_of(trees: Mapping[str, Tree], machine: Callable[[str, str], bool]) -> str:
    """Every file that the blueprint renders, as one text."""
    return "".join(_sections(trees, machine))


def _sections(trees: Mapping[str, Tree], machine: Callable[[str, str], bool]) -> Iterator[str]:
    for repo, tree in trees.items():
        for path, entry in sorted(tree.items()):
            if not machine(repo, path):
                mark = " (executable)" if entry.mode & 0o111 else ""
                yield f"===== {repo}/{shown(path)}{mark}\n{_body(path, entry)}"


def _body(path: str, entry: Entry) -> str:
    try:
        text = entry.data.decode()
    except UnicodeDecodeError:
        return f"({len(entry.data)} bytes that are no text)\n"
    lines = text.splitlines(keepends=True)
    if ".copier-answers" in path:
        lines = [line for line in lines if not line.startswith(_VERSION_KEYS)]
    end = "" if not lines or lines[-1].endswith("\n") else "\n(no end of line)\n"
    return "".join(lines) + end


def _difference(path: str, one: Entry | None, other: Entry | None) -> list[str]:
    texts = [_body(path, entry).splitlines() if entry else [] for entry in (one, other)]
    old, new = texts
    lines = list(difflib.unified_diff(old, new, f"upgraded/{path}", f"fresh/{path}", lineterm=""))
    return lines or [f"{path}: mode, or whether it is there"]
