"""`scaffold blueprint test`: all trials of a blueprint, on all cores."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.authoring.candidate import Candidate, Stored, open_candidate, store_candidate
from scaffold.authoring.kit import Kit
from scaffold.authoring.matrix import answer_matrix
from scaffold.authoring.trials import Outcome, Trial, Tried, What, attempt, own_tests
from scaffold.git.scratch import scratch_folder

_VERSIONS = 5  # that services may be upgraded from
_UPGRADES = 4  # sets of answers for each: the first of a matrix hold most of its pairs


@dataclass(frozen=True)
class TrialReport:
    """How all trials ended, in the order in which they were planned."""

    tried: tuple[Tried, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; what did not run may be among it."""
        return all(one.outcome is not Outcome.FAILED for one in self.tried)

    @property
    def not_checked(self) -> tuple[str, ...]:
        """The checks whose tools are missing, each once."""
        return tuple(dict.fromkeys(line for one in self.tried for line in one.not_checked))

    def of(self, outcome: Outcome) -> tuple[Tried, ...]:
        """The trials that ended so."""
        return tuple(one for one in self.tried if one.outcome is outcome)


@dataclass(frozen=True)
class Progress:
    """Who is told how many trials there are, and of each that is done."""

    planned: Callable[[int], None] = lambda _: None
    done: Callable[[Tried], None] = lambda _: None


def run_tests(
    folder: Path,
    *,
    jobs: int,
    answers: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> TrialReport:
    """Test the blueprint in `folder`: renders, upgrades and its own tests.

    With `answers`, only these are tried in place of the matrix.
    Raises BlueprintNotFoundError, ConfigError, RenderError, ToolMissingError.
    """
    told = progress or Progress()
    with scratch_folder() as scratch:
        stored = store_candidate(folder, scratch)
        candidate = open_candidate(stored, scratch)
        trials = [Trial(What.TESTS), *plan_trials(candidate, scratch, answers)]
        told.planned(len(trials))
        found: dict[int, Tried] = {}
        for number, tried in _run(trials, stored, scratch, jobs):
            found[number] = tried
            told.done(tried)
        return TrialReport(tuple(found[number] for number in range(len(trials))))


def plan_trials(
    candidate: Candidate, scratch: Path, answers: Mapping[str, Any] | None
) -> list[Trial]:
    """What there is to try: a render of each set of answers, and upgrades from each version."""
    supplied = Kit(candidate, scratch).supplied
    rows = [answers] if answers else answer_matrix(candidate.current, scratch, supplied)
    trials = [
        Trial(What.RENDER, answers=row, must_be_taken=number == 0)
        for number, row in enumerate(rows)
    ]
    for release in candidate.releases[:_VERSIONS]:
        version = candidate.release(release)
        rows = [answers] if answers else answer_matrix(version, scratch, supplied)
        trials += [Trial(What.UPGRADE, release, row) for row in rows[:_UPGRADES]]
    return trials


def _run(
    trials: Sequence[Trial], stored: Stored, scratch: Path, jobs: int
) -> Iterator[tuple[int, Tried]]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["scaffold.authoring.trials", "scaffold.blueprint.copying"])
    # pytest gets a thread here, not such a process: it has to hear of Ctrl-C.
    with (
        ThreadPoolExecutor(1) as thread,
        ProcessPoolExecutor(
            jobs, mp_context=context, initializer=signal.signal,
            initargs=(signal.SIGINT, signal.SIG_IGN),
        ) as pool,
    ):  # fmt: skip
        waiting: dict[Future[Tried], int] = {}
        for number, trial in enumerate(trials):
            if trial.what is What.TESTS:
                waiting[thread.submit(own_tests, stored.folder)] = number
            else:
                waiting[pool.submit(attempt, trial, stored, scratch)] = number
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
