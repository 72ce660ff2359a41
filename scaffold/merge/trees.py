"""The three-way merge of trees: base and theirs are renders, ours is what the repo has. Pure.

`ours` is never lost. The rules, in the order in which they are asked for each file of `base`:
deleted by the owner -> stays deleted; removed by the blueprint -> removed if the owner did not
touch it, else kept as a conflict; moved by one side -> the other side's change follows; changed by
one side -> that side's; changed by both -> merged line by line, with markers where that fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pygit2.enums import FileMode

from scaffold.git.tree import Entry
from scaffold.merge.content import Contents, Driver, MergedEntry
from scaffold.merge.decisions import Conflict, ConflictKind, Decision, Kind
from scaffold.merge.layout import Layout
from scaffold.merge.placing import Placed, joined_path, settle
from scaffold.merge.renames import Moves, entry_kind, find_renames, folder_renames, is_similar
from scaffold.merge.text import Labels, same_text


@dataclass(frozen=True)
class Rules:
    """Inputs of a merge beside the three trees.

    `owned_once`: paths that the blueprint renders once and leaves to the owner (`_skip_if_exists`);
    `whole`: paths that are always the blueprint's (the answers file); `driver`: the merge driver
    that `.gitattributes` names for a path.
    """

    labels: Labels
    owned_once: Callable[[str], bool] = lambda _: False
    whole: frozenset[str] = frozenset()
    driver: Callable[[str], Driver] = lambda _: Driver()


@dataclass(frozen=True)
class Merged:
    """The changes to `ours` and why: path -> new entry, or None to remove it."""

    changes: Mapping[str, Entry | None]
    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]

    def applied_to(self, ours: Mapping[str, Entry]) -> dict[str, Entry]:
        """The whole result. Reads every file of `ours`."""
        result: dict[str, Entry | None] = {**ours, **self.changes}
        return {path: entry for path, entry in result.items() if entry is not None}

    def after(self, early: "Merged", ours: Mapping[str, Entry]) -> "Merged":
        """This merge and `early`, whose result it started from, as one change of `ours`."""
        both = {**early.changes, **self.changes}
        changes = {path: entry for path, entry in both.items() if ours.get(path) != entry}
        conflicts = dict.fromkeys((*early.conflicts, *self.conflicts))
        return Merged(changes, (*early.decisions, *self.decisions), tuple(conflicts))


def merge_trees(
    base: Mapping[str, Entry],
    theirs: Mapping[str, Entry],
    ours: Mapping[str, Entry],
    rules: Rules,
) -> Merged:
    """Merge what the blueprint changed between `base` and `theirs` into `ours`."""
    merge = _Merge(base, theirs, ours, rules)
    merge.known_files()
    merge.new_files()
    merge.follow_folders()
    return merge.result()


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
        self.their = self._unsettled(find_renames(self.base, self.theirs), self.theirs)
        self.our = self._unsettled(self._our_renames(), self.ours)
        self.known_here = {here for path in self.base if (here := self.our.where(path))}
        self.layout = Layout(self.ours, accepted=self.theirs)
        self.contents = Contents(self.rules.labels, self.rules.driver)

    def _unsettled(self, renames: Mapping[str, str], after: Mapping[str, Entry]) -> Moves:
        """The conflicts without files that both sides have alike in the new place."""
        files = {
            old: new
            for old, new in renames.items()
            if new not in self.theirs or self.ours.get(new) != self.theirs[new]
        }
        return Moves(after, files, folder_renames(renames, after))

    def _our_renames(self) -> dict[str, str]:
        """The owner's renames, looked for only where they can make a difference."""
        if self.base == self.theirs:
            return {}
        gone = [path for path in self.base if path not in self.ours]
        changed = any(self.theirs.get(path) != self.base[path] for path in gone)
        added = any(path not in self.base for path in self.theirs)
        candidates = list(self.ours) if gone and (changed or added) else []
        return find_renames(
            self.base, self.ours, [path for path in candidates if self._is_owners(path)]
        )

    def _is_owners(self, path: str) -> bool:
        """Whether a file is the owner's alone, and not one that the blueprint adds, too."""
        if path in self.base or path not in self.theirs or path in self.their.targets:
            return True
        return not is_similar(self.ours[path], self.theirs[path])

    # --- Files that base has ---------------------------------------------------

    def known_files(self) -> None:
        """Decide about each file of the base."""
        files = []
        for path in sorted(self.base):
            if path in self.rules.whole:
                continue
            here, there = self.our.where(path), self.their.where(path)
            if here is None:
                self._deleted(path, there)
            elif there is None:
                self._removed(path, here)
            else:
                files.append(Placed(path, here, there, self._wanted(path, here, there)))
        settled, conflicts = settle(files, self.layout)
        self.conflicts += conflicts
        for file in settled:
            self._merge_file(file)

    def _deleted(self, path: str, there: str | None) -> None:
        if there is None:
            return
        if there != path and there in self.ours and there not in self.known_here:
            self._both_added(there, there)
        elif self.rules.owned_once(there):
            return
        elif there != path:
            self.decide(
                path, Kind.KEPT_DELETED, f"you deleted it, the blueprint moved it to {there}"
            )
        elif self.theirs[there] != self.base[path]:
            self.decide(path, Kind.KEPT_DELETED, "you deleted it, the blueprint changed it")

    def _removed(self, path: str, here: str) -> None:
        ours, base = self.ours[here], self.base[path]
        if here == path and ours.mode == base.mode and same_text(ours.data, base.data):
            self.layout.discard(path)
            self.changes[path] = None
            self.decide(path, Kind.REMOVED)
        else:
            self.conflict(here, ConflictKind.REMOVED_BY_BLUEPRINT)

    def _wanted(self, path: str, here: str, there: str) -> str:
        """The path that a file should have: each side's move counts, the owner's first."""
        if here == path and there == path:
            return path
        if here == path:
            return self._unless_replaced(path, self.our.carried(there))
        if there == path:
            return self.their.carried(here)
        if here == there:
            return here
        if joined := joined_path(path, here, there):
            return joined
        self.conflict(here, ConflictKind.MOVED_TWICE, f"the blueprint moved it to {there}")
        return here

    def _unless_replaced(self, path: str, place: str) -> str:
        ours = self.ours[path]
        if entry_kind(ours) == entry_kind(self.base[path]):
            return place
        kind = ConflictKind.SUBMODULE if ours.mode == FileMode.COMMIT else ConflictKind.TYPE
        self.conflict(path, kind, f"the blueprint moved it to {place}")
        return path

    def _merge_file(self, file: Placed) -> None:
        ours, theirs = self.ours[file.here], self.theirs[file.there]
        if self.rules.owned_once(file.there) or self.rules.owned_once(file.path):
            merged = MergedEntry(ours)
        else:
            base = self.base[file.path]
            merged = self.contents.merge(file.place, base, ours, theirs, here=file.here)
        self.note(merged, file.path, file.there)
        if file.place != file.here:
            self.changes.setdefault(file.here, None)
            self.changes[file.place] = merged.entry
            detail = f"the blueprint moved it from {file.here}"
            self.decide(file.place, Kind.MOVED, detail, old=file.here)
        elif merged.entry != ours:
            self.changes[file.here] = merged.entry
            if not merged.conflicts:
                self._say_changed(file, taken=merged.entry == theirs)

    def _say_changed(self, file: Placed, *, taken: bool) -> None:
        if file.here != file.path:
            detail = f"you moved it from {file.path}; the change followed"
            self.decide(file.here, Kind.MOVED, detail)
        else:
            self.decide(file.here, Kind.UPDATED if taken else Kind.MERGED)

    # --- Files that are new in theirs --------------------------------------------

    def new_files(self) -> None:
        """Decide about each file that the blueprint added, and take those that are its own."""
        for path in sorted(self.theirs):
            if path in self.rules.whole:
                self.changes[path] = self.theirs[path]
            elif path not in self.their.targets and (
                path not in self.base or path in self.their.files
            ):
                self._new(path)

    def _new(self, path: str) -> None:
        place = self.our.carried(path)
        if place in self.layout:
            if not self.rules.owned_once(place):
                self._both_added(path, place)
        elif clash := self.layout.clash(place):
            self.conflict(place, *clash)
        else:
            self.layout.add(place)
            self.changes[place] = self.theirs[path]
            detail = f"you renamed the folder of {path}" if place != path else ""
            self.decide(place, Kind.ADDED, detail)

    def _both_added(self, path: str, place: str) -> None:
        if place in self.changes or place in self.known_here:
            self.conflict(place, ConflictKind.PATH_TAKEN, "another file was moved there")
            return
        ours = self.ours[place]
        merged = self.contents.merge(place, None, ours, self.theirs[path])
        self.note(merged, "", path)
        if merged.entry != ours:
            self.changes[place] = merged.entry
            if not merged.conflicts:
                self.decide(place, Kind.MERGED, "both added it")

    # --- Files of the owner in folders that the blueprint renamed ---------------

    def follow_folders(self) -> None:
        """Move what the owner added to a folder that the blueprint renamed."""
        if not self.their.folders:
            return
        for path in sorted(self.ours):
            place = self.their.carried(path)
            if place == path or path in self.base or path in self.known_here:
                continue
            if self.ours[path].mode == FileMode.COMMIT:
                detail = f"its folder moved, to {place}; a submodule is not moved"
                self.decide(path, Kind.LEFT_ALONE, detail)
            elif path not in self.changes:
                self._follow(path, place)

    def _follow(self, path: str, place: str) -> None:
        self.layout.discard(path)
        if clash := self.layout.clash(place):
            self.layout.add(path)
            self.conflict(path, clash[0], f"its folder moved, to {place}; {clash[1]}")
            return
        self.layout.add(place)
        self.changes[path] = None
        self.changes[place] = self.ours[path]
        self.decide(place, Kind.MOVED, f"its folder moved; it was {path}", old=path)

    # --- The result ---------------------------------------------------------------

    def decide(self, path: str, kind: Kind, detail: str = "", *, old: str = "") -> None:
        """List a decision."""
        self.decisions.append(Decision(path, kind, detail, old))

    def conflict(self, path: str, kind: ConflictKind, detail: str = "") -> None:
        """List a conflict."""
        self.conflicts.append(Conflict(path, kind, detail))

    def note(self, merged: MergedEntry, base_path: str, their_path: str) -> None:
        """List what the merge of one file has to say."""
        self.decisions += merged.decisions
        self.conflicts += [
            replace(
                conflict,
                base_path=base_path if base_path != conflict.path else "",
                their_path=their_path if their_path != conflict.path else "",
            )
            for conflict in merged.conflicts
        ]

    def result(self) -> Merged:
        """What differs from `ours`, and each decision and conflict once, by path."""
        changes = {
            path: entry for path, entry in self.changes.items() if self.ours.get(path) != entry
        }
        conflicts = {
            (conflict.path, conflict.kind): conflict for conflict in reversed(self.conflicts)
        }
        return Merged(
            changes,
            tuple(sorted(self.decisions, key=lambda decision: decision.path)),
            tuple(sorted(conflicts.values(), key=lambda conflict: (conflict.path, conflict.kind))),
        )
