"""Repos in a folder of this machine, read and changed without starting git where that is the same.

It is not the same where a push would run something (hooks) or be checked (`receive.*` settings, a
branch that is checked out): then the functions return None, and the caller asks git.
"""

import fnmatch
import os
import time
from contextlib import suppress
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel, ReferenceType

from scaffold.errors import ForgeError, StalePushError, UnreadableError
from scaffold.git.disk import fault_of, locked
from scaffold.git.tree import find_ref, open_repo

_HEADS = "refs/heads/"
_LEFT_AFTER = 30.0  # seconds


def open_folder(folder: Path | None) -> pygit2.Repository | None:
    """The repo at a folder, to read; None where git has to be asked."""
    if folder is None:
        return None
    try:
        return open_repo(folder)
    except (pygit2.GitError, UnreadableError):
        return None


def names_hooks(store: pygit2.Repository) -> bool:
    """Whether the repo's own configuration, and not only the user's, says where its hooks are."""
    return any(
        entry.name == "core.hookspath" and entry.level >= ConfigLevel.LOCAL
        for entry in store.config
    )


def open_plain(folder: Path | None) -> pygit2.Repository | None:
    """A bare repo without hooks or push settings, to move a branch of; None where git has to."""
    store = open_folder(folder)
    if store is None or not store.is_bare:
        return None
    judged = any(entry.name.startswith("receive.") for entry in store.config)
    if judged or names_hooks(store):
        return None
    hooks = Path(store.path) / "hooks"
    if hooks.is_dir() and any(not hook.name.endswith(".sample") for hook in hooks.iterdir()):
        return None
    return store


def head(store: pygit2.Repository) -> tuple[str, str] | None:
    """The commit at the head of the default branch and the branch's name, or None without one."""
    if store.head_is_unborn or store.head_is_detached:
        return None
    return str(store.head.target), store.head.shorthand


def detached_head(store: pygit2.Repository) -> tuple[str, str] | None:
    """The commit and name of the branch that counts as the default where HEAD is detached.

    That is the default branch of the remote `origin`, else `main` or `master`, else the only
    branch. HEAD is detached in a checkout of CI.
    """
    if not store.head_is_detached:
        return None
    origin_head = store.references.get("refs/remotes/origin/HEAD")
    names = [str(origin_head.target).rpartition("/")[2]] if origin_head is not None else []
    branches = list(store.branches.local)
    names += ["main", "master", *(branches if len(branches) == 1 else ())]
    return next(((commit, name) for name in names if (commit := branch_head(store, name))), None)


def branch_head(store: pygit2.Repository, branch: str) -> str | None:
    """The commit at the head of a branch, or None where there is none."""
    ref = find_ref(store, f"{_HEADS}{branch}")
    return None if ref is None else str(ref.target)


def branch_heads(store: pygit2.Repository, pattern: str) -> dict[str, str]:
    """The branches whose names match a pattern, with the commits at their heads."""
    names = fnmatch.filter(store.branches.local, pattern)
    return {name: str(store.references[f"{_HEADS}{name}"].target) for name in names}


def move_branch(
    store: pygit2.Repository, branch: str, commit: str, expect: str | None, *, where: str
) -> None:
    """Compare and swap: move a branch that is still where the caller saw it, None for nowhere.

    Raises StalePushError, FileError, ForgeError.
    """
    ref = f"{_HEADS}{branch}"
    stale = StalePushError(f"`{branch}` moved while this was prepared", where=where)
    try:
        if expect is None:
            _create(store, ref, commit, stale)
            return
        current = store.references.get(ref)
        if current is None or current.type != ReferenceType.DIRECT or str(current.target) != expect:
            raise stale
        current.set_target(pygit2.Oid(hex=commit))  # checks once more that it did not move
    except (OSError, pygit2.GitError) as error:
        if branch_head(store, branch) != expect:
            raise stale from error
        fault = fault_of(error, Path(store.path))
        raise fault or ForgeError(f"can't push to `{branch}`: {error}", where=where) from error


def _is_left(lock: Path) -> bool:
    """Whether a lock is too old to belong to a process that is creating a branch."""
    with suppress(FileNotFoundError):
        return time.time() - lock.stat().st_mtime > _LEFT_AFTER
    return False


def _create(store: pygit2.Repository, ref: str, commit: str, stale: StalePushError) -> None:
    """Create a branch as git does: take the lock file first, then check, then write."""
    file = Path(store.path) / ref
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.with_name(f"{file.name}.lock")
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        if _is_left(lock):
            raise locked(lock) from None
        raise stale from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write(f"{commit}\n")
        taken = store.references.get(ref) is not None
        if not taken:
            lock.rename(file)
    finally:
        lock.unlink(missing_ok=True)
    if taken:
        raise stale
