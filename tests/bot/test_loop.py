"""Passes again and again: pauses with jitter, longer ones after failures."""

import pytest

from scaffold.bot.loop import poll
from scaffold.bot.stopping import Stopping


class Rounds(Stopping):
    """Records the pauses in place of making them, and ends after some."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.pauses: list[float] = []

    def wait(self, seconds: float) -> None:
        """Take note of a pause."""
        self.pauses.append(seconds)
        if len(self.pauses) == self.most:
            self.ask()


def pauses(*went_well: bool, interval: float = 60) -> list[float]:
    """How long it sleeps after each of these passes."""
    stopping = Rounds(len(went_well))
    results = iter(went_well)
    poll(lambda: next(results), interval=interval, stopping=stopping)
    return stopping.pauses


def test_the_interval_give_or_take_a_tenth() -> None:
    """So that many bots do not ask at once."""
    found = pauses(*[True] * 50)

    assert 54 <= min(found) < max(found) <= 66


@pytest.mark.parametrize(("failures", "expected"), [(1, 120), (2, 240), (3, 480), (4, 900)])
def test_a_failure_doubles_the_pause(failures: int, expected: float) -> None:
    """Up to a quarter of an hour."""
    assert pytest.approx(expected, rel=0.1) == pauses(*[False] * failures)[-1]


def test_a_success_ends_the_back_off() -> None:
    """The next pause is an ordinary one."""
    assert pytest.approx(60, rel=0.1) == pauses(False, False, True)[-1]


def test_an_interval_longer_than_the_longest_back_off() -> None:
    """It is never cut short."""
    assert pytest.approx(7200, rel=0.1) == pauses(False, False, interval=7200)[-1]


def test_weeks_of_failures() -> None:
    """The pause stays a quarter of an hour."""
    assert pytest.approx(900, rel=0.1) == pauses(*[False] * 2000)[-1]


def test_who_is_asked_to_end_in_a_pass_makes_no_pause() -> None:
    """And begins no other pass."""
    stopping = Rounds(10)
    passes: list[int] = []

    def one_pass() -> bool:
        passes.append(1)
        stopping.ask()
        return True

    poll(one_pass, interval=60, stopping=stopping)

    assert ([1], []) == (passes, stopping.pauses)
