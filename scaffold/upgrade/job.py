"""The jobs of a rollout, as plain data: each a service with all its repos, or one repo."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scaffold.config.forge import ForgeSettings
from scaffold.errors import ScaffoldError
from scaffold.git.tree import Identity
from scaffold.render.offer import Offer


@dataclass(frozen=True)
class RepoTarget:
    """One repo: its URL, and a folder in it, if only that is meant."""

    name: str
    url: str
    folder: str = ""

    @property
    def shown(self) -> str:
        """Its name in reports."""
        return f"{self.name}/{self.folder}" if self.folder else self.name


@dataclass(frozen=True)
class ServiceJob:
    """One service, or one repo without a service (`service` is empty then).

    `offers` says by the URL of a template which of its versions it gets where none is named, if not
    the releases; `problem` is the error that keeps the job from being done. If `only` names repos,
    just those are worked on.
    """

    target: str
    repos: tuple[RepoTarget, ...]
    service: str = ""
    only: frozenset[str] = frozenset()
    supplied: Mapping[str, Any] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    problem: ScaffoldError | None = None

    @property
    def wanted(self) -> tuple[RepoTarget, ...]:
        """The repos to work on."""
        return tuple(repo for repo in self.repos if repo.name in self.only) or self.repos


@dataclass(frozen=True)
class ServiceJobs:
    """The jobs of a run, each made when it is due: only the names of a fleet are in memory."""

    targets: tuple[str, ...]
    make: Callable[[str], ServiceJob]

    @classmethod
    def of(cls, service_jobs: Iterable[ServiceJob]) -> "ServiceJobs":
        """Jobs that are made already."""
        by_target = {job.target: job for job in service_jobs}
        return cls(tuple(by_target), by_target.__getitem__)

    def only(self, targets: Iterable[str]) -> "ServiceJobs":
        """Some of the jobs, in that order."""
        return ServiceJobs(tuple(targets), self.make)

    def with_only(self, repos: Mapping[str, frozenset[str]]) -> "ServiceJobs":
        """The same jobs, each with only the repos that are named for it."""
        return ServiceJobs(
            self.targets, lambda target: replace(self.make(target), only=repos[target])
        )

    def __len__(self) -> int:
        return len(self.targets)

    def __iter__(self) -> Iterator[ServiceJob]:
        return map(self.make, self.targets)


@dataclass(frozen=True)
class Order:
    """The settings of a run, the same for all jobs.

    `allowed` are the templates that may be used, None for any; `trusted` those whose code may run.
    `answers_file` is the one to take, if not all. With `record_version` a version is recorded even
    if nothing else changes; with `reopen` what was turned down is taken up again. `stand_ins` are
    folders of git repos that replace templates, by their URL. With `plan_only` nothing is checked,
    and neither branches nor merge requests are looked at.
    """

    author: Identity
    version: str | None = None
    answers_file: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    record_version: bool = False
    reopen: bool = False
    dry_run: bool = False
    plan_only: bool = False
    diff: bool = False
    trust_all: bool = False
    trusted: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None
    forge: ForgeSettings | None = None
    stand_ins: frozenset[tuple[str, Path]] = frozenset()
