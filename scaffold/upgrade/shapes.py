"""Shapes of changes: the same change in many repos, whatever their names are. Pure.

A shape is the added and removed lines, file by file, without line numbers and context, in which the
names of the service are replaced by placeholders. The recorded version is not part of it.
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
    """One kind of change; `digest` is empty where only the recorded version changes."""

    digest: str
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0

    @property
    def size(self) -> int:
        """The number of added and removed lines."""
        return self.added + self.removed


def shape_of(
    diff: tuple[FileDiff, ...], decisions: Iterable[Line], names: Mapping[str, str]
) -> Shape:
    """The shape of an upgrade; `names` maps the names of a service to placeholders."""
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
    """Files that change without any change of lines.

    They are empty, or their mode, line ends or binary content change.
    """
    shown = {file.path for file in diff}
    silent_changes = {
        decision.path: decision
        for decision in decisions
        if decision.kind in _CHANGING and decision.path not in shown
    }
    return list(silent_changes.values())


def blurred(text: str, names: Mapping[str, str]) -> str:
    """A text with placeholders; long names first, as they may contain shorter ones."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, names[name])
    return text
