"""How the bot ends: SIGTERM lets it finish the service that it is at, within a bound."""

import os
import queue
import signal
from contextlib import suppress
from types import FrameType

from scaffold.process import kill_all

# What Kubernetes gives a pod is 30 s, unless its manifest says otherwise.
_PATIENCE = 25  # seconds
_STATUS = 128 + signal.SIGTERM


class Stopping:
    """Whether this process was asked to end, and a wait that this cuts short.

    The first SIGTERM asks for it. The second one ends the process at once with the programs that
    it runs, and so does some time after the first. That loses nothing: all state is in git and on
    the forge.
    """

    def __init__(self) -> None:
        self.asked = False
        # A handler interrupts the main thread anywhere, where it holds a lock, too: the `put` of
        # this queue alone is made for that.
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    def listen(self) -> None:
        """Mind SIGTERM from now on; the main thread has to call it."""
        signal.signal(signal.SIGTERM, self._hear)

    def ask(self) -> None:
        """Ask the process to end; any thread may."""
        self.asked = True
        self.wake()

    def wake(self) -> None:
        """Cut the present or the next wait short."""
        self._bell.put(None)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until somebody calls `wake` or `ask`, or has done so since the last."""
        with suppress(queue.Empty):
            self._bell.get(timeout=max(0.0, seconds))
            while True:
                self._bell.get_nowait()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            _end_at_once()
        signal.signal(signal.SIGALRM, lambda *_: _end_at_once())
        signal.alarm(_PATIENCE)
        self.ask()


def _end_at_once() -> None:
    # Not by the signal itself: the first process of a container is not ended by one.
    kill_all()
    os._exit(_STATUS)
