"""Passes again and again: with jitter, so that many bots don't ask at once, and with back-off."""

import random
from collections.abc import Callable

from scaffold.bot.stopping import Stopping

_MOST = 15 * 60.0  # seconds; the longest pause after failures
_MOST_DOUBLINGS = 20  # or a bot that fails for weeks would come to an infinite pause
_JITTER = 0.1


def poll(one_pass: Callable[[], bool], *, interval: float, stopping: Stopping) -> None:
    """Do passes until the process is asked to end; each says whether it went well.

    The pause is `interval` seconds, give or take a tenth; after failures in a row it doubles each
    time, up to a quarter of an hour.
    """
    failures = 0
    while not stopping.asked:
        failures = 0 if one_pass() else failures + 1
        longest = max(_MOST, interval)
        pause = longest if failures > _MOST_DOUBLINGS else min(interval * 2.0**failures, longest)
        if not stopping.asked:
            stopping.wait(pause * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - no secret
