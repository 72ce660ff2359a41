"""Limits of time and memory, whatever it is that takes them."""

import resource
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from scaffold.limits import OverTimeError, limited

_MIB = 2**20
_LARGE = 100 * _MIB  # so much is always asked of the system, and never left over from before


def _loop() -> None:
    while True:
        pass


def _loop_that_swallows_the_first_error() -> None:
    with suppress(BaseException):
        _loop()
    _loop()


def _number() -> None:
    _ = 9 ** (9**9)


@pytest.mark.parametrize("endless", [_loop, _loop_that_swallows_the_first_error, _number])
def test_time_ends(endless: Callable[[], None]) -> None:
    """In Python and below it, and once more for whoever swallows it."""
    with pytest.raises(OverTimeError), limited(seconds=0.1, memory=2**30):
        endless()


def test_waiting_takes_no_time() -> None:
    """A person may think about a question for as long as they like."""
    with limited(seconds=0.05, memory=_MIB):
        time.sleep(0.2)


def test_memory_ends() -> None:
    """More than is there is refused, and what was allowed before is allowed again."""
    with pytest.raises(MemoryError), limited(seconds=10, memory=_LARGE // 2):
        bytes(_LARGE)

    assert _LARGE == len(bytes(_LARGE))


def test_what_is_in_use_already_does_not_count() -> None:
    """The limit is what comes on top of it."""
    held = bytes(_LARGE)
    with limited(seconds=10, memory=_LARGE + 20 * _MIB):
        assert _LARGE == len(bytes(_LARGE))
    assert held


def test_the_closer_limit_of_memory_counts() -> None:
    """What is done within a limit is never given more than that."""
    outer, inner = limited(seconds=10, memory=_LARGE // 2), limited(seconds=10, memory=2 * _LARGE)
    with pytest.raises(MemoryError), outer, inner:
        bytes(_LARGE)


def test_the_closer_limit_of_time_counts() -> None:
    """What is done within a limit is never given more than what is left of that."""
    outer, inner = limited(seconds=0.1, memory=_MIB), limited(seconds=10, memory=_MIB)
    with pytest.raises(OverTimeError), outer, inner:
        _loop()


def test_the_outer_limit_goes_on_after_an_inner_one() -> None:
    """What an inner limit took is part of the outer one."""
    with pytest.raises(OverTimeError), limited(seconds=0.4, memory=_MIB):
        _loop_that_swallows_the_first_error_of_an_inner_limit()


def _loop_that_swallows_the_first_error_of_an_inner_limit() -> None:
    with suppress(OverTimeError), limited(seconds=0.1, memory=_MIB):
        _loop()
    _loop()


def test_nothing_is_left_behind() -> None:
    """Neither a timer nor a handler, nor a limit."""

    def state() -> object:
        timer = signal.getitimer(signal.ITIMER_PROF)
        return timer, signal.getsignal(signal.SIGPROF), resource.getrlimit(resource.RLIMIT_DATA)

    before = state()
    with pytest.raises(OverTimeError), limited(seconds=0.05, memory=_MIB):
        _loop()

    assert before == state()


def test_in_a_thread_memory_is_limited() -> None:
    """No signal comes there, but it is no reason to fail."""
    said: list[str] = []

    def work() -> None:
        try:
            with limited(seconds=10, memory=_LARGE // 2):
                bytes(_LARGE)
        except MemoryError:
            said.append("refused")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert ["refused"] == said
