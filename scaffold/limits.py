"""How much processor time and, on Linux, memory a piece of work may take.

A limit holds in any process, that of the command itself too. A program that is started meanwhile
may use as much memory as the process that starts it.
"""

import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_AGAIN = 1.0  # seconds: what swallows the first error gets another one
_AT_ONCE = 1e-6  # seconds: none at all would be no limit


class OverTimeError(BaseException):
    """The processor time is used up; no error itself, so that what handles errors lets it pass."""


@contextmanager
def limited(*, seconds: float, memory: int) -> Iterator[None]:
    """Limit what is done within it.

    Raises OverTimeError after so many seconds of processor time, MemoryError once so many bytes
    more than at its start are in use. Of two limits, one within the other, the closer one counts.
    In another thread than the main one, where no signal comes, only memory is limited.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit_memory(memory)
    try:
        with _limited_time(seconds):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def limit_memory(size: int) -> None:
    """Let this process use so many bytes more than it does now, unless less is allowed already.

    What counts is memory of its own that it may write to (see RLIMIT_DATA in setrlimit(2)): git's
    packs, which are mapped to be read, do not. Other systems than Linux count otherwise, or don't.
    """
    if sys.platform != "linux":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    wanted = pages * resource.getpagesize() + size
    if soft == resource.RLIM_INFINITY or wanted < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


@contextmanager
def _limited_time(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGPROF, _over)
    start = time.process_time()
    outer, _ = signal.getitimer(signal.ITIMER_PROF)
    signal.setitimer(signal.ITIMER_PROF, min(seconds, outer or seconds), _AGAIN)
    try:
        yield
    finally:
        left = max(outer - time.process_time() + start, _AT_ONCE)
        signal.setitimer(signal.ITIMER_PROF, *((left, _AGAIN) if outer else (0, 0)))
        signal.signal(signal.SIGPROF, handler)


def _over(_signal: int, _frame: FrameType | None) -> None:
    raise OverTimeError
