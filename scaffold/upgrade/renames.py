"""Which file became which: by content, and by the folder that it was in. Pure.

Similarity is git's measure: the share of the larger file that is in the other one too, line by
line; one half is enough, as `git diff -M` has it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from scaffold.git.tree import Entry

_ENOUGH = 0.5
# More pairs than this are not compared by similarity; git has a limit for the same reason.
_MOST_PAIRS = 40_000


def find_renames(
    before: Mapping[str, Entry], after: Mapping[str, Entry], candidates: Iterable[str] | None = None
) -> dict[str, str]:
    """Old path -> new path for the files of `before` that are elsewhere in `after`.

    `candidates` are the new paths to consider, by default all that `before` has not.
    """
    gone = [path for path in before if path not in after]
    new = [path for path in (after if candidates is None else candidates) if path not in before]
    if not gone or not new:
        return {}
    found = _same_content(before, after, gone, new)
    _similar_content(before, after, gone, new, found)
    _by_folder(gone, new, found, folder_renames(found, after))
    return found


def folder_renames(renames: Mapping[str, str], after: Iterable[str]) -> dict[str, str]:
    """Old folder -> new folder, where no file is left in the old one and most files went there."""
    votes: dict[str, Counter[str]] = {}
    for old, new in renames.items():
        if pair := _moved_folder(old, new):
            votes.setdefault(pair[0], Counter())[pair[1]] += 1
    kept = {str(folder) for path in after for folder in PurePosixPath(path).parents}
    return {
        old: counts.most_common(1)[0][0]
        for old, counts in votes.items()
        if old not in kept and old != "."
    }


def moved_path(path: str, folders: Mapping[str, str]) -> str | None:
    """Where a path in a renamed folder belongs now, or None where no folder of it was renamed."""
    for folder in PurePosixPath(path).parents:
        if new := folders.get(str(folder)):
            return str(PurePosixPath(new) / PurePosixPath(path).relative_to(folder))
    return None


def _moved_folder(old: str, new: str) -> tuple[str, str] | None:
    """The folders that differ between two paths, without the parts at the end that are the same."""
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


def _same_content(
    before: Mapping[str, Entry], after: Mapping[str, Entry], gone: list[str], new: list[str]
) -> dict[str, str]:
    """Pair files of the very same bytes, those of the same name first; empty files say nothing."""
    by_data: dict[bytes, list[str]] = {}
    for path in new:
        if after[path].data:
            by_data.setdefault(after[path].data, []).append(path)
    found: dict[str, str] = {}
    for old in gone:
        places = by_data.get(before[old].data, [])
        if places:
            name = PurePosixPath(old).name
            best = next((p for p in places if PurePosixPath(p).name == name), places[0])
            places.remove(best)
            found[old] = best
    return found


def _similar_content(
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
    gone: list[str],
    new: list[str],
    found: dict[str, str],
) -> None:
    left = [path for path in gone if path not in found and before[path].data]
    taken = set(found.values())
    right = [path for path in new if path not in taken and after[path].data]
    if len(left) * len(right) > _MOST_PAIRS:
        return
    lines = {("old", path): _lines(before[path].data) for path in left}
    lines |= {("new", path): _lines(after[path].data) for path in right}
    scores = []
    for old in left:
        for path in right:
            score = _similarity(lines["old", old], lines["new", path])
            if score >= _ENOUGH:
                same_name = PurePosixPath(old).name == PurePosixPath(path).name
                scores.append((-score, not same_name, old, path))
    for _, _, old, path in sorted(scores):
        if old not in found and path not in taken:
            found[old] = path
            taken.add(path)


def _lines(data: bytes) -> Counter[bytes]:
    return Counter(data.splitlines(keepends=True))


def _similarity(one: Counter[bytes], other: Counter[bytes]) -> float:
    larger = max(_size(one), _size(other))
    if min(_size(one), _size(other)) < larger * _ENOUGH:
        return 0.0
    return _size(one & other) / larger


def _size(lines: Counter[bytes]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def _by_folder(
    gone: list[str], new: list[str], found: dict[str, str], folders: Mapping[str, str]
) -> None:
    """What no content tells (empty files, files rewritten on the way) goes with its folder."""
    free = set(new) - set(found.values())
    for old in gone:
        there = moved_path(old, folders)
        if old not in found and there in free:
            found[old] = there
            free.discard(there)
