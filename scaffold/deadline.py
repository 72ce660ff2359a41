"""How long a piece of work may wait for what is outside of it: programs, servers, other processes.

Each call has a limit of its own; `within` puts one over all calls of a piece of work. What only
computes is not interrupted: it is stopped at its next call.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from scaffold.errors import TimeUpError


@dataclass(frozen=True)
class _Deadline:
    """When the time of a piece of work is up, by the monotonic clock."""

    until: float
    seconds: float
    work: str


_deadline: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float, work: str) -> Iterator[None]:
    """Let all outside calls of a piece of work take `seconds` together, or what is left outside.

    `work` is what it is called, as in "the service `shop`". The limit holds for this thread.
    """
    mine = _Deadline(time.monotonic() + seconds, seconds, work)
    outer = _deadline.get()
    token = _deadline.set(mine if outer is None or mine.until < outer.until else outer)
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left(most: float, where: str) -> float:
    """The seconds that one outside call may take: `most`, or fewer at the end of the work's time.

    `where` is what is called. Raises TimeUpError where no time is left.
    """
    deadline = _deadline.get()
    if deadline is None:
        return most
    left = deadline.until - time.monotonic()
    if left <= 0:
        raise _time_up(deadline, where)
    return min(most, left)


def pause(seconds: float, where: str) -> None:
    """Sleep before `where` is asked again. Raises TimeUpError at once if so long is not left."""
    deadline = _deadline.get()
    if deadline is not None and time.monotonic() + seconds >= deadline.until:
        raise _time_up(deadline, where)
    time.sleep(seconds)


def _time_up(deadline: _Deadline, where: str) -> TimeUpError:
    return TimeUpError(
        f"the time of {deadline.work} is up: {deadline.seconds:g} s for all that it waits for",
        where=where,
        hint="Run it again: it goes on from what is there. Is a server slow, or a repo large?",
    )
