"""What becomes of a pin, in the words that docs/how-to/run-the-bot.md explains.

Documents, the log and metrics have the short ones, which are a contract.
"""

_WORDS = {"move": "to move", "request": "merge request", "unknown": "not known"}


def pin_word(why: str, *, done: bool = False) -> str:
    """The word for a person; `done` where a pass has just done it."""
    return "moved" if done and why == "move" else _WORDS.get(why, why)
