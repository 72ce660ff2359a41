"""The three-way merge of one file: its type, its exec bit and its content."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pygit2.enums import FileMode

from scaffold.git.tree import Entry
from scaffold.merge.decisions import Conflict, ConflictKind, Decision, Kind
from scaffold.merge.renames import entry_kind
from scaffold.merge.text import Labels, merge_text

T = TypeVar("T", int, bytes)


@dataclass(frozen=True)
class Driver:
    """The merge driver that `.gitattributes` names for a path.

    `union` keeps lines of both sides; `binary` never merges; `custom` is the name of one that only
    the owner's machine has, so that the default driver is used instead.
    """

    union: bool = False
    binary: bool = False
    custom: str = ""


@dataclass(frozen=True)
class MergedEntry:
    """One file of the result, with notes about its merge."""

    entry: Entry
    decisions: tuple[Decision, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class Contents:
    """Merges single files."""

    labels: Labels
    driver: Callable[[str], Driver]

    def merge(
        self, path: str, base: Entry | None, ours: Entry, theirs: Entry, *, here: str = ""
    ) -> MergedEntry:
        """Merge one file; no `base` where both sides added it.

        `path` is its path in the result, `here` its path in the owner's tree, if that differs.
        """
        if theirs in (base, ours):
            return MergedEntry(ours)
        if ours.mode == FileMode.COMMIT:
            return _kept(path, ours, ConflictKind.SUBMODULE)
        if ours == base:
            return MergedEntry(theirs)
        kinds = {entry_kind(entry) for entry in (base, ours, theirs) if entry is not None}
        if len(kinds) > 1:
            return _kept(path, ours, ConflictKind.TYPE)
        mode = _three_way(base.mode if base else None, ours.mode, theirs.mode)
        data = _three_way(base.data if base else None, ours.data, theirs.data)
        if data is not None:
            return MergedEntry(Entry(ours.mode if mode is None else mode, data))
        merged_mode = ours.mode if mode is None else mode
        if ours.mode == FileMode.LINK:
            return _kept(path, ours, ConflictKind.LINK)
        return self._merge_data(path, base, ours, theirs, merged_mode, self.driver(here or path))

    def _merge_data(
        self,
        path: str,
        base: Entry | None,
        ours: Entry,
        theirs: Entry,
        mode: int,
        driver: Driver,
    ) -> MergedEntry:
        before = base.data if base else b""
        merged = (
            None
            if driver.binary
            else merge_text(before, ours.data, theirs.data, self.labels, union=driver.union)
        )
        if merged is None:
            return _kept(path, Entry(mode, ours.data), ConflictKind.BINARY)
        decisions: tuple[Decision, ...] = ()
        if driver.custom:
            detail = f"merge={driver.custom} is not run here; merged line by line"
            decisions = (Decision(path, Kind.DRIVER, detail),)
        conflicts: tuple[Conflict, ...] = ()
        if merged.conflict:
            kind = ConflictKind.CONTENT if base else ConflictKind.BOTH_ADDED
            conflicts = (Conflict(path, kind),)
        return MergedEntry(Entry(mode, merged.data), decisions, conflicts)


def _kept(path: str, ours: Entry, kind: ConflictKind) -> MergedEntry:
    return MergedEntry(ours, conflicts=(Conflict(path, kind),))


def _three_way(base: T | None, ours: T, theirs: T) -> T | None:
    """The side that changed, or None where both did and they differ."""
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else None
