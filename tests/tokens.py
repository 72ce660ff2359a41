"""Tokens that tests give to a forge: each is noted, and looked for in all that its test leaves."""

from collections.abc import Mapping
from pathlib import Path

_noted: set[str] = set()


def noted(token: str) -> str:
    """Note a token that is about to be used."""
    _noted.add(token)
    return token


def places_of_tokens(texts: Mapping[str, str], folder: Path | None) -> list[str]:
    """Which texts, and which files below a folder (git's own, logs, reports), have a token."""
    found = [name for name, text in texts.items() if any(token in text for token in _noted)]
    files = [] if folder is None or not _noted else sorted(folder.rglob("*"))
    tokens = [token.encode() for token in _noted]
    for path in files:
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            found += [str(path)] if any(token in data for token in tokens) else []
    return found
