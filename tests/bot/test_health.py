"""What health says of passes: how the last one ended, and how old the last good one is."""

import pytest

from scaffold.bot.health import Health


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds, which a test may set."""
    now = [1000.0]
    monkeypatch.setattr("scaffold.bot.health.monotonic", lambda: now[0])
    return now


def told(health: Health) -> tuple[str, float | None, bool]:
    """Its word, the age of the last good pass, and whether webhooks are to come here."""
    state = health.state()
    return state.status, state.age, state.is_well


def test_from_the_start_to_the_first_pass(clock: list[float]) -> None:
    """It is well, for as long as a pass may take."""
    health = Health(longest=900)
    clock[0] += 900
    assert ("starting", None, True) == told(health)
    clock[0] += 1
    assert ("stale", None, False) == told(health)


def test_a_good_pass_is_good_for_some_time(clock: list[float]) -> None:
    """Its age is told; one that hangs after it shows by that."""
    health = Health(longest=900)
    health.pass_ended(good=True)
    clock[0] += 12.34
    assert ("ok", 12.3, True) == told(health)
    clock[0] += 900
    assert ("stale", 912.3, False) == told(health)
    health.pass_ended(good=True)
    assert ("ok", 0.0, True) == told(health)


def test_a_pass_that_fails_as_a_whole(clock: list[float]) -> None:
    """It shows at once, with the age of the good one before, until the next good one."""
    health = Health(longest=900)
    health.pass_ended(good=True)
    clock[0] += 60
    health.pass_ended(good=False)
    assert ("failing", 60.0, False) == told(health)
    health.pass_ended(good=True)
    assert ("ok", 0.0, True) == told(health)
