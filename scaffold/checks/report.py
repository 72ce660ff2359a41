"""Results of checks. A check that could not run is reported as not run, never as passed."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path


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

    @property
    def line(self) -> str:
        """The result in one line."""
        return f"{self.outcome:8} {self.name:16} {self.target}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The result in one line, with details below it where it did not pass."""
        if self.outcome is Outcome.PASSED:
            return (self.line,)
        return (self.line, *(f"  {detail}" for detail in self.details))

    def told_from(self, folder: Path) -> "Result":
        """The same, with paths from a `folder` on, a temporary one which is of no use to anybody.

        Tools say whole paths, or those from the folder that they run in.
        """
        prefix = re.compile(rf"\S*{re.escape(f'{folder.parent.name}/{folder.name}/')}")
        return replace(self, details=tuple(prefix.sub("", one) for one in self.details))


_TOLD_LAST = (Outcome.PASSED, Outcome.NOT_RUN, Outcome.FAILED)


@dataclass(frozen=True)
class Report:
    """All checks of one or several repos."""

    results: tuple[Result, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All results, those that did not pass last, where a reader looks first."""
        ordered = sorted(self.results, key=lambda result: _TOLD_LAST.index(result.outcome))
        return tuple(line for result in ordered for line in result.lines)

    @property
    def ok(self) -> bool:
        """Whether nothing failed; some checks may not have run, see `complete`."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)

    @property
    def complete(self) -> bool:
        """Whether every check could run."""
        return all(result.outcome is not Outcome.NOT_RUN for result in self.results)

    @property
    def count(self) -> str:
        """How many passed, failed and could not run, in one line."""
        words = [f"{len(self.of(Outcome.PASSED))} of {len(self.results)} checks passed"]
        if failed := self.of(Outcome.FAILED):
            words.append(f"{len(failed)} failed")
        if left_out := self.of(Outcome.NOT_RUN):
            words.append(f"{len(left_out)} could not run")
        return ", ".join(words)

    def of(self, outcome: Outcome) -> tuple[Result, ...]:
        """The results with this outcome."""
        return tuple(result for result in self.results if result.outcome is outcome)


# A check that is ready to run; it waits for an outside program most of its time.
Check = Callable[[], Sequence[Result]]


def run_checks(checks: Iterable[Check]) -> Report:
    """Run checks, several at a time; the results are in the order of the checks."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        results = pool.map(lambda check: check(), checks)
        return Report(tuple(result for results in results for result in results))


def passed(name: str, target: str, *details: str) -> Result:
    """A check that ran and found nothing."""
    return Result(name, target, Outcome.PASSED, details)


def failed(name: str, target: str, details: Sequence[str]) -> Result:
    """A check that ran and found something."""
    return Result(name, target, Outcome.FAILED, tuple(details))


def not_run(name: str, target: str, why: str) -> Result:
    """A check that could not run, and how to make it run."""
    return Result(name, target, Outcome.NOT_RUN, (why,))
