"""The one check of paths in trees, before anything is written, built or shown.

The rules are those of git's own checkout (`verify_path` in read-cache.c) and of `git fsck`, for all
file systems at once: a repo may be read on a Linux server and checked out on a laptop. Backslashes
and control characters, which git accepts on Linux, are refused as well: a backslash is a separator
on Windows, and control characters break line-by-line readers and terminals.
"""

import re
from collections.abc import Container, Iterable

from scaffold.errors import UnsafeTreeError

MOST_FOLDERS = 200
"""How deep a path may be: deeper ones end in programs that run out of stack or open files."""

# A fast path for most names; the others are checked rule by rule.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?<![.])|\.[a-fh-z][a-z0-9_.-]*(?<![.])", re.A)
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
# HFS+ ignores these characters in names: `next_hfs_char` in git's utf8.c.
_IGNORED_BY_HFS = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)
# NTFS ends a name before trailing dots and spaces, and before a colon, which names a stream of the
# file; `git~1` is the short name that it makes for `.git`: `is_ntfs_dotgit` in git's path.c.
_GIT = re.compile(r"(?:\.git|git~1)[. ]*(?::.*)?", re.I | re.S)
_GITMODULES = re.compile(r"(?:\.gitmodules|gitmod~[1-4]|gi7eba~[1-9])[. ]*(?::.*)?", re.I | re.S)
_LONGEST_TARGET = 1000  # bytes; no disk takes more than 4095 for a path as a whole


def verify_path(path: str, where: str = "") -> None:
    """Raise UnsafeTreeError for a path that no tree may have; `where` says whose it is."""
    parts = path.split("/")
    why = next(filter(None, map(name_problem, parts)), None)
    if path.startswith("/"):
        why = "is absolute"
    elif len(parts) > MOST_FOLDERS:
        why = f"has more than {MOST_FOLDERS} folders"
    if why is not None:
        raise refusal(path, why, where)


def verify_paths(paths: Iterable[str], where: str = "") -> None:
    """Raise UnsafeTreeError for a path that no tree may have, or that lies below a file."""
    there = frozenset(paths)
    for path in there:
        verify_path(path, where)
        if above := _file_above(path, there):
            raise refusal(path, f"lies below {above!r}, which is no folder", where)


def refusal(path: str, why: str, where: str) -> UnsafeTreeError:
    """The error for a tree with a dangerous path."""
    return UnsafeTreeError(
        f"has the path {path!r}, which {why}",
        where=where,
        hint="Nothing of it was written or run. Rename or remove it there with git.",
    )


def name_problem(name: str) -> str | None:
    """Why a file or folder in a tree may not have this name, or None."""
    if _PLAIN.fullmatch(name):
        return None
    if not name:
        return "has an empty name in it"
    if name in {".", ".."}:
        return f"has `{name}` in it"
    if "\\" in name:
        return "has a backslash in it"
    if _CONTROL.search(name):
        return "has a control character in it"
    if any("\ud800" <= letter <= "\udc7f" or "\udd00" <= letter <= "\udfff" for letter in name):
        return "can't be written as bytes"
    return "is in git's own folder" if _is_gits_own(name) else None


def link_problem(name: str) -> str | None:
    """Why a link may not have this name, or None: git would read .gitmodules through it."""
    gitmodules = _GITMODULES.fullmatch(name.translate(_IGNORED_BY_HFS))
    return "is a link in the place of .gitmodules" if gitmodules else None


def leads_out(path: str, target: bytes) -> bool:
    """Whether a link at a path leads, or may lead, out of its tree or into git's own folder.

    The folder of a link is no link itself, so leading `..` parts are taken literally; after a name,
    which may be another link, `..` can't be resolved without following it, and counts as leading
    out. So no chain of links leads out unless one of them does.
    """
    if not target or b"\0" in target or len(target) > _LONGEST_TARGET:
        return True  # longer than any path on disk
    parts = target.decode("utf-8", "surrogateescape").split("/")
    if not parts[0]:
        return True
    steps = [part for part in parts if part not in {"", "."}]
    up = next((number for number, part in enumerate(steps) if part != ".."), len(steps))
    down = steps[up:]
    return up > path.count("/") or ".." in down or any(map(_is_gits_own, down))


def _is_gits_own(name: str) -> bool:
    return bool(_GIT.fullmatch(name.translate(_IGNORED_BY_HFS)))


def _file_above(path: str, there: Container[str]) -> str | None:
    """The path of a file that is also the path of one of this one's folders, or None."""
    end = path.rfind("/")
    while end > 0:
        if path[:end] in there:
            return path[:end]
        end = path.rfind("/", 0, end)
    return None
