"""Changes by their shape: what is the same change in many repos, whatever they are called. Pure.

A shape is what is added and removed, file by file, without line numbers and surroundings, in which
each name of the service stands as a placeholder. The recorded version is no part of it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scaffold.merge.decisions import Kind
from scaffold.upgrade.diffs import FileDiff, without_version
from scaffold.upgrade.report import Line

_CHANGING = frozenset({Kind.ADDED, Kind.UPDATED, Kind.REMOVED, Kind.MERGED, Kind.MOVED, Kind.TASK})


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


def shape_of(
    diff: tuple[FileDiff, ...], decisions: Iterable[Line], names: Mapping[str, str]
) -> Shape:
    """The shape of an upgrade; `names` maps what a repo is called to the placeholder for it."""
    files = without_version(diff)
    silent = wordless(diff, decisions)
    kept = [[blurred(line, names) for line in (*file.head, *file.changed)] for file in files]
    kept += [[decision.kind, blurred(decision.path, names)] for decision in silent]
    paths = [*(file.path for file in files), *(decision.path for decision in silent)]
    signs = [line[0] for file in files for line in file.changed]
    return Shape(
        hashlib.sha256(repr(kept).encode()).hexdigest() if kept else "",
        tuple(blurred(path, names) for path in paths),
        signs.count("+"),
        signs.count("-"),
    )


def wordless(diff: tuple[FileDiff, ...], decisions: Iterable[Line]) -> list[Line]:
    """Files that change, and of which a diff has nothing to show.

    They are empty, or the change is in their mode, their line ends or bytes that are no text.
    """
    shown = {file.path for file in diff}
    silent_changes = {
        decision.path: decision
        for decision in decisions
        if decision.kind in _CHANGING and decision.path not in shown
    }
    return list(silent_changes.values())


def blurred(text: str, names: Mapping[str, str]) -> str:
    """Longest first, so that a name inside another one does not tear it apart."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, names[name])
    return text
