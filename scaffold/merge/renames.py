"""Renames: found by content, and by the folder of a file. Pure.

Similarity is git's measure: the share of the larger file that is in the other one too, line by
line, ignoring line ends; one half is enough, as for `git diff -M` (https://git-scm.com/docs/git-
diff#Documentation/git-diff.txt--Mltngt). A path in both trees is the same file in both, unless it
has exactly the content of another one (a swap).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from pygit2.enums import FileMode

from scaffold.git.tree import Entry

_ENOUGH = 0.5
# Above this number of pairs, only files of the same name are compared; git has a limit, too
# (diff.renameLimit).
_MOST_PAIRS = 40_000
_FILES = frozenset({FileMode.BLOB, FileMode.BLOB_EXECUTABLE})


def entry_kind(entry: Entry) -> str:
    """Whether it is a file, a link or something else (a submodule)."""
    return "file" if entry.mode in _FILES else "link" if entry.mode == FileMode.LINK else "other"


@dataclass(frozen=True)
class Moves:
    """Where the files and folders of one tree are in another tree, `after`."""

    after: Mapping[str, Entry]
    files: Mapping[str, str]
    folders: Mapping[str, str]

    @cached_property
    def targets(self) -> frozenset[str]:
        """The paths that files were moved to."""
        return frozenset(self.files.values())

    def where(self, path: str) -> str | None:
        """The path of a file of the first tree, or None where it is gone."""
        if path in self.files:
            return self.files[path]
        return path if path in self.after and path not in self.targets else None

    def carried(self, path: str) -> str:
        """The path in its renamed folder, or the path itself."""
        return moved_path(path, self.folders) or path


def find_renames(
    before: Mapping[str, Entry], after: Mapping[str, Entry], candidates: Iterable[str] | None = None
) -> dict[str, str]:
    """Old path -> new path for the files of `before` that are elsewhere in `after`.

    `candidates` are the new paths to consider, by default all that `before` has not.
    """
    swapped = _swapped(before, after)
    gone = [path for path in before if path not in after or path in swapped]
    new = [path for path in (after if candidates is None else candidates) if path not in before]
    new += sorted(swapped)
    if not gone or not new:
        return {}
    renames = _same_content(before, after, gone, new)
    _similar_content(before, after, gone, new, renames)
    _by_folder(before, after, gone, new, renames)
    return renames


def folder_renames(renames: Mapping[str, str], after: Iterable[str]) -> dict[str, str]:
    """Old folder -> new folder, where no file is left in the old one and most files went there."""
    votes: dict[str, Counter[str]] = {}
    for old, new in renames.items():
        if pair := _moved_folder(old, new):
            votes.setdefault(pair[0], Counter())[pair[1]] += 1
    if not votes:
        return {}
    kept = {str(folder) for path in after for folder in PurePosixPath(path).parents}
    renamed = {old: _most(counts) for old, counts in votes.items() if old not in kept}
    return {old: new for old, new in renamed.items() if new is not None}


def moved_path(path: str, folders: Mapping[str, str]) -> str | None:
    """Where a path in a renamed folder belongs now, or None where no folder of it was renamed."""
    for folder in PurePosixPath(path).parents:
        if new := folders.get(str(folder)):
            return str(PurePosixPath(new) / PurePosixPath(path).relative_to(folder))
    return None


def is_similar(first: Entry, other: Entry) -> bool:
    """Whether one file may be a renamed version of the other."""
    return _Lines.of(first).similarity(_Lines.of(other)) >= _ENOUGH


def _most(counts: Counter[str]) -> str | None:
    """The most frequent target; None for a tie."""
    (first, most), *others = counts.most_common(2)
    return None if others and others[0][1] == most else first


def _moved_folder(old: str, new: str) -> tuple[str, str] | None:
    """The differing folders of two paths, without the common parts at their ends."""
    before, after = PurePosixPath(old).parts, PurePosixPath(new).parts
    if before[-1] != after[-1]:
        return None
    same = 0
    while same < min(len(before), len(after)) and before[-1 - same] == after[-1 - same]:
        same += 1
    left, right = before[: len(before) - same], after[: len(after) - same]
    if not left:
        return None
    return str(PurePosixPath(*left)), str(PurePosixPath(*right)) if right else "."


def _content(entry: Entry) -> tuple[str, bytes] | None:
    """A key for the content of a file; None for empty files and submodules."""
    kind = entry_kind(entry)
    return (kind, entry.data) if entry.data and kind != "other" else None


def _swapped(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> set[str]:
    """Paths of both trees that have exactly the earlier content of another path."""
    changed = {path for path in before if path in after and before[path] != after[path]}
    there = {
        _content(before[path]): path for path in before if path in changed or path not in after
    }
    return {
        path
        for path in changed
        if (content := _content(after[path])) is not None
        and there.get(content, path) != path
        and not is_similar(before[path], after[path])
    }


def _same_content(
    before: Mapping[str, Entry], after: Mapping[str, Entry], gone: list[str], new: list[str]
) -> dict[str, str]:
    """Pair files of the very same content, those of the same name first."""
    by_content: dict[tuple[str, bytes], list[str]] = {}
    for path in new:
        if content := _content(after[path]):
            by_content.setdefault(content, []).append(path)
    matches: dict[str, str] = {}
    for same_name in (True, False):
        for old in gone:
            content = _content(before[old])
            if old in matches or content is None:
                continue
            places = by_content.get(content, [])
            name = PurePosixPath(old).name
            best = next((p for p in places if not same_name or PurePosixPath(p).name == name), None)
            if best is not None:
                places.remove(best)
                matches[old] = best
    return matches


def _similar_content(
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
    gone: list[str],
    new: list[str],
    matches: dict[str, str],
) -> None:
    taken = set(matches.values())
    left = {path: _Lines.of(before[path]) for path in gone if path not in matches}
    right = {path: _Lines.of(after[path]) for path in new if path not in taken}
    few = len(left) * len(right) <= _MOST_PAIRS
    scores = []
    for old, lines in left.items():
        for path, new_lines in right.items():
            same_name = PurePosixPath(old).name == PurePosixPath(path).name
            score = lines.similarity(new_lines) if few or same_name else 0.0
            if score >= _ENOUGH:
                scores.append((-score, not same_name, old, path))
    for _, _, old, path in sorted(scores):
        if old not in matches and path not in taken and old != path:
            matches[old] = path
            taken.add(path)


@dataclass(frozen=True)
class _Lines:
    """The lines of an entry, without their order."""

    kind: str
    counts: Counter[bytes]
    size: int

    @classmethod
    def of(cls, entry: Entry) -> "_Lines":
        counts = Counter(line.rstrip(b"\r\n") + b"\n" for line in entry.data.splitlines())
        return cls(entry_kind(entry), counts, _size(counts))

    def similarity(self, other: "_Lines") -> float:
        smaller, larger = sorted((self.size, other.size))
        if self.kind != other.kind or not smaller or smaller < larger * _ENOUGH:
            return 0.0
        return _size(self.counts & other.counts) / larger


def _size(lines: Counter[bytes]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def _by_folder(
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
    gone: list[str],
    new: list[str],
    matches: dict[str, str],
) -> None:
    """Match files by their renamed folder: empty files, and files that were rewritten."""
    folders = folder_renames(matches, after)
    free = set(new) - set(matches.values())
    for old in gone:
        there = moved_path(old, folders)
        if old in matches or there not in free or there == old:
            continue
        if entry_kind(before[old]) == entry_kind(after[there]):
            matches[old] = there
            free.discard(there)
