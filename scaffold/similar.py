"""What a mistyped word may stand for."""

import difflib
from collections.abc import Iterable


def close_match(word: str, known: Iterable[str]) -> str | None:
    """The known word that a mistyped one may stand for, or None."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """The hint for a word that is not known: the one that may be meant, or what to do instead."""
    close = close_match(word, known)
    return f"Did you mean `{close}`?" if close else otherwise
