"""`scaffold blueprint test`: all trials of a blueprint, on all cores."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from scaffold.authoring.kit import Kit
from scaffold.authoring.matrix import Answers, answer_matrix
from scaffold.authoring.trials import Outcome, Trial, Tried, What, attempt, ended, own_tests
from scaffold.authoring.versions import Copied, Versions, copy_versions, open_versions
from scaffold.config.blueprint import BLUEPRINT_FILE, Testing
from scaffold.errors import ConfigError, ScaffoldError
from scaffold.git.scratch import scratch_folder
from scaffold.render.preparation import questions_of
from scaffold.render.source import BlueprintVersion
from scaffold.similar import did_you_mean
from scaffold.upgrade.pool import in_pool

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

    def by_cause(self) -> tuple[tuple[Tried, ...], ...]:
        """The trials that failed or did not run; those that say the same are together."""
        groups: dict[tuple[What, tuple[str, ...]], list[Tried]] = {}
        for one in self.tried:
            if one.outcome in {Outcome.FAILED, Outcome.NOT_RUN}:
                groups.setdefault((one.trial.what, one.cause), []).append(one)
        return tuple(map(tuple, groups.values()))


@dataclass(frozen=True)
class Progress:
    """Who is told how many trials there are, of each that begins, and of each that is done."""

    planned: Callable[[int], None] = lambda _: None
    began: Callable[[Trial], None] = lambda _: None
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
        copied = copy_versions(folder, scratch)
        versions = open_versions(copied, scratch)
        trials = [Trial(What.TESTS), *plan_trials(versions, scratch, answers)]
        told.planned(len(trials))
        found: dict[int, Tried] = {}
        for number, tried in _run(trials, copied, scratch, jobs, told.began):
            found[number] = tried
            told.done(tried)
        in_order = [found[number] for number in range(len(trials))]
        return TrialReport((*in_order, *_without_an_upgrade(in_order)))


def _without_an_upgrade(tried: Sequence[Tried]) -> Iterator[Tried]:
    """A failure for each version that no upgrade was made from, as all answers were refused."""
    ends: dict[str, list[Tried]] = {}
    for one in tried:
        if one.trial.what is What.UPGRADE:
            ends.setdefault(one.trial.version, []).append(one)
    for version, found in ends.items():
        if all(one.outcome is Outcome.REFUSED for one in found):
            details = (
                f"{version} refuses all sets of answers, so that no upgrade from it was tried:",
                *dict.fromkeys(one.details[0] for one in found),
                f"List answers that it takes in {BLUEPRINT_FILE}, under `test`.",
            )
            yield Tried(Trial(What.UPGRADE, version), Outcome.FAILED, details)


def plan_trials(
    versions: Versions, scratch: Path, answers: Mapping[str, Any] | None
) -> list[Trial]:
    """What there is to try: a render of each set of answers, and upgrades from each version."""
    current = versions.current
    _refuse_unknown(current)
    supplied = Kit(versions, scratch).supplied
    rows: Sequence[Answers] = [answers] if answers else answer_matrix(current, scratch, supplied)
    trials = [
        Trial(What.RENDER, answers=row, must_be_taken=number == 0)
        for number, row in enumerate(rows)
    ]
    for release in versions.releases[:_VERSIONS]:
        version = versions.release(release)
        if answers:
            asked = questions_of(version)
            rows = [{name: one for name, one in answers.items() if name in asked}]
        else:
            rows = answer_matrix(_asked_as_now(version, current), scratch, supplied)
        trials += [Trial(What.UPGRADE, release, row) for row in rows[:_UPGRADES]]
    return trials


def _refuse_unknown(current: BlueprintVersion) -> None:
    """Refuse test answers without a question, which would test nothing. Raises ConfigError."""
    asked = questions_of(current)
    for name in current.model.test.answers:
        if name not in asked:
            raise ConfigError(
                f"`test.answers` has no question `{name}`",
                where=BLUEPRINT_FILE,
                hint=did_you_mean(name, asked, "Remove it, or ask the question."),
            )


def _asked_as_now(version: BlueprintVersion, current: BlueprintVersion) -> BlueprintVersion:
    """A released version with the test answers of today: those that it has can't be mended."""
    asked = questions_of(version)
    today = {name: one for name, one in current.model.test.answers.items() if name in asked}
    test = Testing(answers={**version.model.test.answers, **today})
    return replace(version, model=version.model.model_copy(update={"test": test}))


def _run(
    trials: Sequence[Trial],
    copied: Copied,
    scratch: Path,
    jobs: int,
    began: Callable[[Trial], None],
) -> Iterator[tuple[int, Tried]]:
    numbered = list(enumerate(trials))

    def others() -> Iterator[tuple[int, Trial]]:
        for number, trial in numbered:
            if trial.what is not What.TESTS:
                began(trial)
                yield number, trial

    # pytest gets a thread, not one of the processes: it has to hear of Ctrl-C.
    with ThreadPoolExecutor(1) as thread:
        began(trials[0])
        tests = thread.submit(own_tests, copied.folder)
        for (number, trial), tried in in_pool(partial(_attempt, copied, scratch), others(), jobs):
            yield number, ended(trial, tried) if isinstance(tried, ScaffoldError) else tried
        yield from ((n, tests.result()) for n, trial in numbered if trial.what is What.TESTS)


def _attempt(copied: Copied, scratch: Path, numbered: tuple[int, Trial]) -> Tried:
    return attempt(numbered[1], copied, scratch)
