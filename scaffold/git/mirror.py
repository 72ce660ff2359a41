"""Repos at hand: a local one in place, a remote one as a mirror in the cache; never shallow.

Whether a pin went back is a question of ancestry, which a shallow clone answers wrongly.
"""

import hashlib
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pygit2

from scaffold.errors import ForgeError
from scaffold.git import transport
from scaffold.git.local import open_folder
from scaffold.git.tree import Tree, init_bare, open_repo, read_tree

# Checks run side by side, and two of them may need the same mirror.
_ALONE = threading.Lock()


def open_mirror(url: str) -> tuple[Path, pygit2.Repository]:
    """The folder and the repo with all that `url` has now. Raises ForgeError."""
    folder = transport.local_folder(url)
    if folder is None:
        return _fetched(url)
    if not folder.is_dir():
        raise ForgeError("there is no repo here", where=url, hint="Was it moved or removed?")
    try:
        return folder, open_repo(folder)
    except pygit2.GitError as error:
        raise ForgeError(f"is no git repo: {error}", where=url) from error


def read_commit(url: str, commit: str, place: Path | None = None) -> Tree:
    """All files of a commit that a branch or a tag of a repo has.

    It is read in `place` where that is given; else what is at hand is not fetched again. Raises
    ForgeError, UnsafeTreeError.
    """
    with _ALONE:
        folder = place or transport.local_folder(url) or _folder(url)
        store = open_folder(folder)
        if place is None and (store is None or commit not in store):
            _, store = open_mirror(url)
    if store is None or commit not in store:
        raise ForgeError(
            f"has no commit {commit[:12]} on a branch", where=url, hint="Was its branch deleted?"
        )
    return read_tree(store, commit, url)


def _folder(url: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scaffold/mirrors"
    return cache / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.git"


def _fetched(url: str) -> tuple[Path, pygit2.Repository]:
    folder = _folder(url)
    if not folder.exists():
        _make(folder)
    # Pruned, or a branch that was deleted would live on here; tags are a blueprint's versions.
    what = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    options = ("--prune", "--no-tags", "--no-auto-maintenance")
    transport.reach(url, "fetch", *options, operands=what, cwd=folder)
    store = open_repo(folder)
    if not any(store.references):
        transport.need_repo(url)
    return folder, store


def _make(folder: Path) -> None:
    """Make an empty mirror in one step, by a rename; another run may make the same one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as staging:
        made = Path(staging) / folder.name
        init_bare(made)
        with suppress(OSError):
            made.rename(folder)
