"""The time that a piece of work may take for all that it waits for."""

import pytest

from scaffold.deadline import pause, time_left, within
from scaffold.errors import TimeUpError


def test_a_call_has_its_own_limit() -> None:
    """Where no work has one, and where the work's is longer."""
    assert 10 == time_left(10, "a server")
    with within(1000, "the work"):
        assert 10 == time_left(10, "a server")


def test_the_end_of_the_work_is_the_end_of_its_calls() -> None:
    """A call gets what is left."""
    with within(5, "the work"):
        assert 0 < time_left(10, "a server") <= 5


def test_work_whose_time_is_up_calls_nobody() -> None:
    """It is told whose time it was, and who would have been called."""
    with pytest.raises(TimeUpError) as caught, within(0, "the service `shop`"):
        time_left(10, "https://git.example.com")

    assert ("https://git.example.com", "the time of the service `shop` is up") == (
        caught.value.where,
        caught.value.what.split(":")[0],
    )


def test_work_inside_of_work() -> None:
    """The shorter limit counts, and ends with its work."""
    with within(5, "outer"):
        with within(1000, "inner"):
            assert time_left(100, "a server") <= 5
        with within(1, "inner"):
            assert time_left(100, "a server") <= 1
        assert 1 < time_left(100, "a server")
    assert 100 == time_left(100, "a server")


def test_nobody_sleeps_past_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause that would be too long is not begun."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    pause(1, "a server")
    with within(60, "the work"):
        pause(2, "a server")
        with pytest.raises(TimeUpError):
            pause(900, "a server")

    assert [1, 2] == slept
