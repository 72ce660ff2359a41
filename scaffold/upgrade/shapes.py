"""Diffs by their shape: what is the same change in many repos, whatever they are called. Pure.

A shape is what is added and removed, file by file, without line numbers and surroundings, in which
each name of the service stands as a placeholder. The recorded version is no part of it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

_VERSION = ("-_commit:", "+_commit:")


@dataclass(frozen=True)
class Shape:
    """One kind of change; `digest` is empty where nothing but the recorded version changes."""

    digest: str
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0

    @property
    def size(self) -> int:
        """How many lines it adds and removes."""
        return self.added + self.removed


def shape_of(diff: str, names: Mapping[str, str]) -> Shape:
    """The shape of a unified diff; `names` maps what a repo is called to the placeholder for it."""
    kept: list[str] = []
    files: list[str] = []
    added = removed = 0
    header = ""
    for line in _blurred(diff, names).splitlines():
        if line.startswith("--- "):
            header = line
        elif line.startswith("+++ "):
            header = f"{header} {line}"
            name = _path(line)
        elif line.startswith(("+", "-")) and not line.startswith(_VERSION):
            if header:
                kept.append(header)
                files.append(name)
                header = ""
            kept.append(line)
            added += line[0] == "+"
            removed += line[0] == "-"
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest() if kept else ""
    return Shape(digest, tuple(files), added, removed)


def _blurred(text: str, names: Mapping[str, str]) -> str:
    """Longest first, so that a name inside another one does not tear it apart."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, names[name])
    return text


def _path(header: str) -> str:
    return header.removeprefix("+++ ").removeprefix("b/")
