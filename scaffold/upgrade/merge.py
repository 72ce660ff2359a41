"""The three-way merge of trees: base and theirs are renders, ours is what the repo has. Pure.

`ours` is never lost. The rules, in the order in which they are asked for each file of `base`:
deleted by the owner -> stays deleted; removed by the blueprint -> removed if the owner did not
touch it, else kept as a conflict; moved by one side -> the other side's change follows; changed by
one side -> that side's; changed by both -> merged line by line, with markers where that fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from scaffold.git.tree import Entry
from scaffold.upgrade.content import Contents, Driver
from scaffold.upgrade.decisions import Conflict, ConflictKind, Decision, Kind
from scaffold.upgrade.renames import find_renames, folder_renames, moved_path
from scaffold.upgrade.text import Labels, same_text


@dataclass(frozen=True)
class Rules:
    """What beside the three trees decides.

    `owned_once`: paths that the blueprint makes once and leaves to the owner (`_skip_if_exists`);
    `whole`: paths that are the blueprint's as they are (the answers file); `driver`: the merge
    driver that `.gitattributes` names for a path.
    """

    labels: Labels
    owned_once: Callable[[str], bool] = lambda _: False
    whole: frozenset[str] = frozenset()
    driver: Callable[[str], Driver] = lambda _: Driver()


@dataclass(frozen=True)
class Merged:
    """What to change in `ours`: path -> its new entry, or None to remove it; and why."""

    changes: Mapping[str, Entry | None]
    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]


def merge_trees(
    base: Mapping[str, Entry],
    theirs: Mapping[str, Entry],
    ours: Mapping[str, Entry],
    rules: Rules,
) -> Merged:
    """Merge what the blueprint changed between `base` and `theirs` into `ours`."""
    merge = _Merge(base, theirs, ours, rules)
    for path in sorted(base):
        if path not in rules.whole:
            merge.known(path)
    for path in sorted(theirs):
        if path in rules.whole:
            merge.take(path)
        elif path not in base and path not in merge.moved_by_blueprint:
            merge.new(path)
    merge.follow_folders()
    return Merged(merge.changes, tuple(merge.decisions), tuple(merge.conflicts))


@dataclass
class _Merge:
    base: Mapping[str, Entry]
    theirs: Mapping[str, Entry]
    ours: Mapping[str, Entry]
    rules: Rules
    changes: dict[str, Entry | None] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.their_renames = find_renames(self.base, self.theirs)
        self.moved_by_blueprint = set(self.their_renames.values())
        self.their_folders = folder_renames(self.their_renames, self.theirs)
        self.our_renames = self._owner_renames()
        self.our_folders = folder_renames(self.our_renames, self.ours)
        self.contents = Contents(self.rules.labels, self.rules.driver)
        self._folded: dict[str, str] | None = None
        self._our_folder_names: set[str] | None = None

    def _owner_renames(self) -> dict[str, str]:
        """Only looked for where the blueprint changed something that the owner has not there."""
        changed = any(
            path not in self.ours and self.theirs.get(path) != entry
            for path, entry in self.base.items()
        )
        added = any(path not in self.base for path in self.theirs)
        gone = any(path not in self.ours for path in self.base)
        if not changed and not (added and gone):
            return {}
        candidates = [path for path in self.ours if path not in self.theirs]
        return find_renames(self.base, self.ours, candidates)

    # --- One file that base has ------------------------------------------------

    def known(self, path: str) -> None:
        """Decide about one file of the base."""
        base = self.base[path]
        there = path if path in self.theirs else self.their_renames.get(path)
        here = path if path in self.ours else self.our_renames.get(path)
        if here is None:
            if there is not None and self.theirs[there] != base and not self._owned_once(there):
                self.decide(path, Kind.KEPT_DELETED, "you deleted it, the blueprint changed it")
        elif there is None:
            self._removed(path, here)
        elif not (self._owned_once(there) or self._owned_once(path)):
            self._changed(path, here, there)

    def _removed(self, path: str, here: str) -> None:
        ours, base = self.ours[here], self.base[path]
        if here == path and ours.mode == base.mode and same_text(ours.data, base.data):
            self.put(path, None)
            self.decide(path, Kind.REMOVED)
        else:
            self.conflict(here, ConflictKind.REMOVED_BY_BLUEPRINT)

    def _changed(self, path: str, here: str, there: str) -> None:
        place = self._place(path, here, there)
        ours, theirs = self.ours[here], self.theirs[there]
        merged = self.contents.merge(place, self.base[path], ours, theirs)
        self.decisions += merged.decisions
        self.conflicts += merged.conflicts
        if place != here:
            self.put(here, None)
            self.put(place, merged.entry)
            self.decide(place, Kind.MOVED, f"the blueprint moved it from {here}")
        elif merged.entry != ours:
            self.put(here, merged.entry)
            if not merged.conflicts:
                self._say_changed(path, here, merged.entry == theirs)

    def _say_changed(self, path: str, here: str, taken: bool) -> None:
        if here != path:
            self.decide(here, Kind.MOVED, f"you moved it from {path}; the change followed")
        else:
            self.decide(here, Kind.UPDATED if taken else Kind.MERGED)

    def _place(self, path: str, here: str, there: str) -> str:
        """Where the file belongs: each side's move counts, the owner's more."""
        if there in (path, here):
            return here
        if here != path:
            self.conflict(here, ConflictKind.MOVED_TWICE, f"the blueprint moved it to {there}")
            return here
        if self.exists(there) or self._blocked(there):
            self.conflict(here, ConflictKind.PATH_TAKEN, f"the blueprint moved it to {there}")
            return here
        return there

    # --- One file that is new in theirs ----------------------------------------

    def take(self, path: str) -> None:
        """A file that is the blueprint's as a whole."""
        if self.ours.get(path) != self.theirs[path]:
            self.put(path, self.theirs[path])

    def new(self, path: str) -> None:
        """Decide about one file that the blueprint added."""
        place = moved_path(path, self.our_folders) or path
        if self.exists(place):
            if not self._owned_once(place):
                self._both_added(path, place)
        elif problem := self._blocked(place):
            self.conflict(place, problem[0], problem[1])
        else:
            self.put(place, self.theirs[path])
            detail = f"you renamed the folder of {path}" if place != path else ""
            self.decide(place, Kind.ADDED, detail)

    def _both_added(self, path: str, place: str) -> None:
        if place in self.our_renames.values():
            self.conflict(place, ConflictKind.PATH_TAKEN, "you moved another file there")
            return
        ours, theirs = self.ours[place], self.theirs[path]
        merged = self.contents.merge(place, None, ours, theirs)
        self.decisions += merged.decisions
        self.conflicts += merged.conflicts
        if merged.entry != ours:
            self.put(place, merged.entry)

    def _blocked(self, path: str) -> tuple[ConflictKind, str] | None:
        """Why a file can't be put there: a file where a folder must be, or the other way round."""
        for folder in list(PurePosixPath(path).parents)[:-1]:
            if self.exists(str(folder)):
                return ConflictKind.PATH_TAKEN, f"you have a file {folder}"
        if path in self._folder_names():
            return ConflictKind.PATH_TAKEN, "you have a folder of that name"
        twin = self._folded_names().get(path.casefold())
        if twin is not None and twin != path and self.exists(twin):
            return ConflictKind.CASE, f"you have {twin}"
        return None

    # --- Files of the owner in folders that the blueprint renamed ---------------

    def follow_folders(self) -> None:
        """Move what the owner added to a folder that the blueprint renamed."""
        if not self.their_folders:
            return
        for path in list(self.ours):
            if path in self.base or path in self.changes or path in self.our_renames.values():
                continue
            place = moved_path(path, self.their_folders)
            if place is None:
                continue
            if self.exists(place) or self._blocked(place):
                self.conflict(path, ConflictKind.PATH_TAKEN, f"its folder moved, to {place}")
                continue
            self.put(place, self.ours[path])
            self.put(path, None)
            self.decide(place, Kind.MOVED, f"its folder moved; it was {path}")

    # --- The result so far ------------------------------------------------------

    def exists(self, path: str) -> bool:
        """Whether the result has a file there, as far as it is decided."""
        if path in self.changes:
            return self.changes[path] is not None
        return path in self.ours

    def put(self, path: str, entry: Entry | None) -> None:
        """Change the result."""
        self.changes[path] = entry

    def decide(self, path: str, kind: Kind, detail: str = "") -> None:
        """List a decision."""
        self.decisions.append(Decision(path, kind, detail))

    def conflict(self, path: str, kind: ConflictKind, detail: str = "") -> None:
        """List a conflict."""
        self.conflicts.append(Conflict(path, kind, detail))

    def _owned_once(self, path: str) -> bool:
        return self.rules.owned_once(path)

    def _folded_names(self) -> dict[str, str]:
        if self._folded is None:
            self._folded = {path.casefold(): path for path in self.ours}
        return self._folded

    def _folder_names(self) -> set[str]:
        """The owner's folders; one that the merge emptied is not there any more."""
        if self._our_folder_names is None:
            left = [path for path in self.ours if self.exists(path)]
            self._our_folder_names = {
                str(folder) for path in left for folder in PurePosixPath(path).parents
            }
        return self._our_folder_names
