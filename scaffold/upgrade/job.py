"""What a rollout takes: jobs of plain data, each a service with all its repos, or one repo."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scaffold.config.forge import ForgeSettings
from scaffold.errors import ScaffoldError
from scaffold.git.tree import Identity


@dataclass(frozen=True)
class RepoTarget:
    """One repo: where it is, and a folder of it, if that is meant."""

    name: str
    url: str
    folder: str = ""

    @property
    def shown(self) -> str:
        """What it is called in reports."""
        return f"{self.name}/{self.folder}" if self.folder else self.name


@dataclass(frozen=True)
class ServiceJob:
    """One service, or one repo without a service (`service` is empty then).

    `problem` is why nothing can be done for it at all. Of the repos, those named in `only` are
    worked on; all, where none is named there.
    """

    target: str
    repos: tuple[RepoTarget, ...]
    service: str = ""
    only: frozenset[str] = frozenset()
    supplied: Mapping[str, Any] = field(default_factory=dict)
    problem: ScaffoldError | None = None

    @property
    def wanted(self) -> tuple[RepoTarget, ...]:
        """The repos to work on."""
        return tuple(repo for repo in self.repos if repo.name in self.only) or self.repos


@dataclass(frozen=True)
class ServiceJobs:
    """The jobs of a run, each made when its turn comes: of a fleet no more than names are held."""

    targets: tuple[str, ...]
    make: Callable[[str], ServiceJob]

    @classmethod
    def of(cls, service_jobs: Iterable[ServiceJob]) -> "ServiceJobs":
        """Jobs that are there already."""
        by_target = {job.target: job for job in service_jobs}
        return cls(tuple(by_target), by_target.__getitem__)

    def only(self, targets: Iterable[str]) -> "ServiceJobs":
        """Some of them, in that order."""
        return ServiceJobs(tuple(targets), self.make)

    def with_only(self, repos: Mapping[str, frozenset[str]]) -> "ServiceJobs":
        """The same, of each only the repos that are named for it."""
        return ServiceJobs(
            self.targets, lambda target: replace(self.make(target), only=repos[target])
        )

    def __len__(self) -> int:
        return len(self.targets)

    def __iter__(self) -> Iterator[ServiceJob]:
        return map(self.make, self.targets)


@dataclass(frozen=True)
class Order:
    """What is to be done to every job of a run.

    `allowed` are the templates that may be used, None for any; `trusted` those whose code may run.
    `answers_file` is the one to take, if not all. With `record_version` a version is recorded where
    nothing else changes, too.
    `stand_ins` are folders of git repos that take the place of templates, by their URL. With
    `plan_only` nothing is checked, and neither branches nor merge requests are looked at.
    """

    author: Identity
    version: str | None = None
    answers_file: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    record_version: bool = False
    dry_run: bool = False
    plan_only: bool = False
    diff: bool = False
    trust_all: bool = False
    trusted: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None
    forge: ForgeSettings | None = None
    stand_ins: frozenset[tuple[str, Path]] = frozenset()
