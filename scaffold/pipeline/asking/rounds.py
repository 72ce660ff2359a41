"""Asks all checks in rounds until each has its answer, or no retry or no time is left."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scaffold.pipeline.asking.expected import Answer, Expected, problem_with
from scaffold.pipeline.deploy.probes import Probe

CAN_BE_ASKED = "can be asked"
"""What reports name in place of all checks of an environment where none could be asked."""

PAUSE = 2.0  # seconds between rounds
LONGEST = 10.0  # seconds for one answer


@dataclass(frozen=True)
class Check:
    """What is asked, and what must come; `retries` of None: again for as long as time is left."""

    name: str
    probe: Probe
    expected: Expected = field(default_factory=Expected)
    headers: Mapping[str, str] = field(default_factory=dict)
    retries: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a check; `problem` is empty where all was as expected.

    `seconds` is how long the last answer took, `asked` how often it was asked.
    """

    check: Check
    problem: str
    seconds: float
    asked: int

    @property
    def ok(self) -> bool:
        """Whether what came was expected."""
        return not self.problem


Ask = Callable[[Check, float], Answer]
"""Asks once; the answer may take so many seconds."""


class Clock:
    """The time, which tests make up."""

    def now(self) -> float:
        """Seconds that only go on."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def run_checks(
    checks: Sequence[Check], ask: Ask, budget: float, clock: Clock | None = None
) -> tuple[Outcome, ...]:
    """The outcomes, in the order of the checks, after `budget` seconds at most.

    In rounds, so that one check that stays wrong takes no time from the others' first turn.
    """
    clock = clock or Clock()
    deadline = clock.now() + budget
    done: dict[int, Outcome] = {}
    waiting = list(enumerate(checks))
    while waiting:
        for number, check in waiting:
            before = done.get(number, Outcome(check, "", 0.0, 0))
            done[number] = _asked(before, ask, deadline, clock)
        waiting = [(number, check) for number, check in waiting if _again(done[number])]
        if not waiting or clock.now() + PAUSE >= deadline:
            break
        clock.sleep(PAUSE)
    return tuple(done[number] for number in range(len(checks)))


def _again(outcome: Outcome) -> bool:
    retries = outcome.check.retries
    return not outcome.ok and (retries is None or outcome.asked <= retries)


def _asked(before: Outcome, ask: Ask, deadline: float, clock: Clock) -> Outcome:
    begin = clock.now()
    if begin >= deadline:
        problem = before.problem or "it was not asked: the time for all checks was up before"
        return Outcome(before.check, problem, before.seconds, before.asked)
    answer = ask(before.check, min(LONGEST, deadline - begin))
    problem = problem_with(answer, before.check.expected)
    return Outcome(before.check, problem, clock.now() - begin, before.asked + 1)
