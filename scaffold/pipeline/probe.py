"""`scaffold pipeline probe`: every environment of an env repo is asked, release or no release."""

import time
from dataclasses import dataclass
from pathlib import Path

from scaffold.checks.repo import read_repofile
from scaffold.config.repofile import REPOFILE
from scaffold.errors import ScaffoldError, ToolMissingError, UsageError
from scaffold.pipeline.asking.environment import find_what_to_ask, nothing_to_ask
from scaffold.pipeline.asking.rounds import Outcome
from scaffold.pipeline.target import read_target

_RETRIES = 3  # of readiness paths; what is declared says its own


@dataclass(frozen=True)
class Probed:
    """One environment, asked at `at` (epoch seconds); `error` is what kept it from being asked."""

    environment: str
    at: float
    outcomes: tuple[Outcome, ...] = ()
    error: ScaffoldError | None = None
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing came out wrong."""
        return self.error is None and all(one.ok for one in self.outcomes)


@dataclass(frozen=True)
class ProbedService:
    """All environments of a service."""

    service: str
    environments: tuple[Probed, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing came out wrong anywhere."""
        return all(one.ok for one in self.environments)


def probe(path: Path) -> ProbedService:
    """Ask the environments of the env repo in `path` in turn, what a smoke test asks.

    One that can't be asked keeps none of the others from it. Raises UsageError where this is no
    env repo, ToolMissingError without kubectl.
    """
    repo = read_repofile(path)
    if not repo.environments:
        raise UsageError("has no environments, so it is no env repo", where=str(path / REPOFILE))
    return ProbedService(repo.service, tuple(_probed(path, name) for name in repo.environments))


def _probed(path: Path, environment: str) -> Probed:
    try:
        target = read_target(path, environment)
        if why := nothing_to_ask(target):
            return Probed(environment, time.time(), note=why)
        found = find_what_to_ask(path, target, retries=_RETRIES)
        outcomes = found.ask() if found else ()
    except ToolMissingError:
        raise
    except ScaffoldError as error:
        return Probed(environment, time.time(), error=error)
    note = "" if outcomes else f"`{environment}` has nothing that answers over HTTP: nothing to ask"
    return Probed(environment, time.time(), outcomes, note=note)
