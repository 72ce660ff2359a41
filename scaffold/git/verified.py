"""Trees that others pushed, as git objects, verified before they are listed or read.

The raw bytes of each tree object are checked, as `git fsck` does. A library may hide what is wrong:
libgit2 rounds an odd mode to one that git writes, and of two entries with the same name it finds
one and lists the other.
"""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import ObjectType

from scaffold.cache import distrust
from scaffold.errors import ForgeError, UnsafeTreeError
from scaffold.git.paths import MOST_FOLDERS, link_problem, name_problem, refusal

_MOST_FILES = 1_000_000
_SUBMODULE = 0o160000
_TYPES = frozenset({stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR, _SUBMODULE})
_REMEMBERED = 100_000


@dataclass(frozen=True)
class _Extent:
    """The number of files in a tree, including its folders, and the depth of these."""

    files: int
    depth: int


@dataclass(frozen=True)
class _Item:
    """One entry of a tree object."""

    name: str
    kind: int
    oid: pygit2.Oid


# Verified trees. An id identifies the content, so this is valid for every repo.
_good: dict[bytes, _Extent] = {}
# https://git-scm.com/docs/git-fetch#Documentation/git-fetch.txt---refetch
_FETCH_ALL = "fetch --refetch --no-filter"


def verified_tree(repo: pygit2.Repository, commit: str, where: str = "") -> pygit2.Tree:
    """The tree of a commit, after all of it was verified; `where` says whose it is.

    Raises UnsafeTreeError for a forbidden path (see `paths`), duplicate or unsorted names, modes
    that git does not have, and a tree that is too large. Raises ForgeError where an object is
    missing or broken.
    """
    where = where or f"commit {commit[:12]}"
    try:
        top = repo.revparse_single(f"{commit}^{{commit}}").peel(pygit2.Commit).tree_id
        _extent(repo, top, "", where)
        return repo[top].peel(pygit2.Tree)
    except (KeyError, ValueError, pygit2.GitError) as error:
        raise damaged(repo, error, where) from error


def damaged(repo: pygit2.Repository, error: Exception, where: str) -> ForgeError:
    """The error for an object that can't be read; a repo in the cache counts as damaged then."""
    hint = "Look at the repo with `git fsck`."
    if distrust(Path(repo.path)):
        hint = "It is fetched anew if you run this again."
    elif any(entry.name.endswith(".promisor") for entry in repo.config):
        hint = f"It is a partial clone. Have it fetch the rest: `git -C {repo.path} {_FETCH_ALL}`"
    return ForgeError(f"has an object that is missing or broken: {error}", where=where, hint=hint)


def _extent(repo: pygit2.Repository, tree: pygit2.Oid, prefix: str, where: str) -> _Extent:
    """Verify a tree and all below it, each object once, however often it occurs."""
    if known := _good.get(tree.raw):
        return known
    if prefix.count("/") > MOST_FOLDERS:
        raise refusal(prefix, f"has more than {MOST_FOLDERS} folders", where)
    kind, raw = repo.read(tree)
    if kind != ObjectType.TREE:
        raise refusal(prefix, "is no folder", where)
    files = depth = 0
    for item in _verified_items(raw, prefix, where):
        if item.kind != stat.S_IFDIR:
            files += 1
            continue
        below = _extent(repo, item.oid, f"{prefix}{item.name}/", where)
        files, depth = files + below.files, max(depth, below.depth + 1)
    if files > _MOST_FILES:
        raise UnsafeTreeError(
            f"has more than {_MOST_FILES:,} files", where=where, hint="No program here takes that."
        )
    if prefix.count("/") + depth > MOST_FOLDERS:
        raise refusal(prefix, f"has more than {MOST_FOLDERS} folders below it", where)
    if len(_good) >= _REMEMBERED:
        _good.clear()
    _good[tree.raw] = _Extent(files, depth)
    return _good[tree.raw]


def _verified_items(raw: bytes, prefix: str, where: str) -> Iterator[_Item]:
    names: set[str] = set()
    last = b""
    for mode, name, oid in _entries(raw, prefix, where):
        item = _Item(name.decode("utf-8", "surrogateescape"), stat.S_IFMT(mode), pygit2.Oid(oid))
        key = name + b"/" if item.kind == stat.S_IFDIR else name
        why = _problem(item)
        if item.name in names:
            why = "is there twice"
        elif key < last:
            why = "is not in git's order"
        if why is not None:
            raise refusal(prefix + item.name, why, where)
        names.add(item.name)
        last = key
        yield item


def _problem(item: _Item) -> str | None:
    if item.kind not in _TYPES:
        return "is no file, folder, link or submodule"
    if item.kind == stat.S_IFLNK and (why := link_problem(item.name)):
        return why
    return "has a slash in a name" if "/" in item.name else name_problem(item.name)


_ENTRY = re.compile(rb"([0-7]{5,7}) ([^\0]*)\0(.{20})", re.S)


def _entries(raw: bytes, prefix: str, where: str) -> Iterator[tuple[int, bytes, bytes]]:
    """Mode, name and id of each entry."""
    at = 0
    while at < len(raw):
        match = _ENTRY.match(raw, at)
        if match is None:
            raise refusal(prefix, "is a folder that can't be read", where)
        yield int(match[1], 8), match[2], match[3]
        at = match.end()
