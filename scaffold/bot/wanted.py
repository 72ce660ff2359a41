"""What webhooks ask the bot to look at: bounded, and each thing once, however often it is asked."""

import threading

from scaffold.bot.stopping import Stopping

Urls = frozenset[str]
"""The addresses of one repo."""

_MOST = 1000  # repos; more of them are everything


class Wanted:
    """The repos that are wanted; one thread takes them, any may add."""

    def __init__(self, stopping: Stopping, most: int = _MOST) -> None:
        self._stopping = stopping
        self._most = most
        self._repos: set[Urls] = set()
        self._everything = False
        self._lock = threading.Lock()

    def add(self, repo: Urls) -> None:
        """Want a repo; where too many are wanted, everything is, which has them all."""
        with self._lock:
            was_idle = not self._repos and not self._everything
            if not self._everything:
                self._repos.add(repo)
            if len(self._repos) > self._most:
                self._repos.clear()
                self._everything = True
        if was_idle:
            self._stopping.wake()

    def take(self, seconds: float) -> frozenset[Urls] | None:
        """What is wanted by now, None for everything; waits so long where nothing is.

        Empty where nothing came, or where the process was asked to end.
        """
        with self._lock:
            idle = not self._repos and not self._everything
        self._stopping.wait(seconds if idle else 0)
        with self._lock:
            taken = None if self._everything else frozenset(self._repos)
            self._repos.clear()
            self._everything = False
        return taken
