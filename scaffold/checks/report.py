"""What a check found. A check that could not run is reported as not run, never as passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not-run"


@dataclass(frozen=True)
class Result:
    """One check of one target."""

    name: str
    target: str
    outcome: Outcome
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All checks of a repo."""

    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; what was not run may be among it, see `complete`."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)

    @property
    def complete(self) -> bool:
        """Whether every check could run."""
        return all(result.outcome is not Outcome.NOT_RUN for result in self.results)

    def of(self, outcome: Outcome) -> tuple[Result, ...]:
        """The results that ended so."""
        return tuple(result for result in self.results if result.outcome is outcome)


def passed(name: str, target: str, *details: str) -> Result:
    """A check that ran and found nothing."""
    return Result(name, target, Outcome.PASSED, details)


def failed(name: str, target: str, details: Sequence[str]) -> Result:
    """A check that ran and found something."""
    return Result(name, target, Outcome.FAILED, tuple(details))


def not_run(name: str, target: str, why: str) -> Result:
    """A check that could not run, and how to make it run."""
    return Result(name, target, Outcome.NOT_RUN, (why,))
