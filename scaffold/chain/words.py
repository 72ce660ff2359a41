"""Words that several commands use: what becomes of a pin, as docs/how-to/run-the-bot.md explains.

Documents, the log and metrics have the short ones, which are a contract.
"""

from datetime import timedelta

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))  # seconds
_WORDS = {"move": "to move", "request": "merge request", "unknown": "not known"}


def pin_word(why: str, *, done: bool = False) -> str:
    """The word for a person; `done` where a pass has just done it."""
    return "moved" if done and why == "move" else _WORDS.get(why, why)


def age(passed: timedelta) -> str:
    """How old something is, in its largest unit: `3 h`."""
    seconds = max(0, int(passed.total_seconds()))
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
