"""The paths of a tree while a merge rearranges it, and which of them clash. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable

from scaffold.merge.decisions import ConflictKind

Clash = tuple[ConflictKind, str]


class Layout:
    """The paths of a tree, with files added and removed.

    Names that differ only in case or in Unicode normalisation clash on some file systems; those
    that the blueprint itself has (`accepted`) are not reported.
    """

    def __init__(self, paths: Iterable[str], accepted: Container[str] = ()) -> None:
        self._accepted = accepted
        self._files: Counter[str] = Counter()
        self._below: dict[str, set[str]] = {}
        self._folded: dict[str, set[str]] = {}
        for path in paths:
            self.add(path)

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def add(self, path: str) -> None:
        """Put a file there, beside any that is there already."""
        self._files[path] += 1
        self._folded.setdefault(_fold(path), set()).add(path)
        for folder in _folders(path):
            self._below.setdefault(_fold(folder), set()).add(path)

    def discard(self, path: str) -> None:
        """Remove one of the files at a path."""
        self._files[path] -= 1
        if self._files[path] > 0:
            return
        del self._files[path]
        self._folded[_fold(path)].discard(path)
        for folder in _folders(path):
            self._below[_fold(folder)].discard(path)

    def clash(self, path: str) -> Clash | None:
        """Why a file can't be added at a path, or None."""
        if path in self._files:
            return ConflictKind.PATH_TAKEN, "you have another file there"
        for folder in _folders(path):
            if problem := self._strange(self._folded.get(_fold(folder), set()), folder):
                return ConflictKind.PATH_TAKEN, f"you have {problem}, which is no folder"
        if self._strange(self._below.get(_fold(path), set()), path):
            return ConflictKind.PATH_TAKEN, "you have a folder of that name"
        if problem := self._strange(self._folded.get(_fold(path), set()), path):
            return ConflictKind.CASE, f"you have {problem}"
        return None

    def _strange(self, paths: Iterable[str], path: str) -> str | None:
        """A path in the way: the same, or one of another case that is not the blueprint's."""
        exact = (name for name in paths if name == path or name.startswith(f"{path}/"))
        twins = (name for name in sorted(paths) if name not in self._accepted)
        return next(exact, None) or next(twins, None)


def _folders(path: str) -> list[str]:
    return [path[:end] for end, letter in enumerate(path) if letter == "/"]


def _fold(path: str) -> str:
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
