"""Repos at hand: a local one in place, a remote one as a mirror in the cache; never shallow.

Whether a pin went back is a question of ancestry, which a shallow clone answers wrongly.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import pygit2

from scaffold.errors import ForgeError
from scaffold.git import transport
from scaffold.git.tree import init_bare, open_repo


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


def _fetched(url: str) -> tuple[Path, pygit2.Repository]:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scaffold/mirrors"
    folder = cache / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.git"
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
