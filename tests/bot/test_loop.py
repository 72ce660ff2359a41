"""Passes again and again: pauses with jitter, longer ones after failures."""

import pytest

from scaffold.bot.loop import poll


def pauses(*went_well: bool, interval: float = 60) -> list[float]:
    """How long it sleeps after each of these passes."""
    slept: list[float] = []
    results = iter(went_well)
    poll(lambda: next(results), interval=interval, sleep=slept.append, rounds=len(went_well))
    return slept


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
