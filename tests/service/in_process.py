"""Git's part of `new service`, done in this process: between two steps nothing else goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pygit2

from scaffold.errors import ForgeError, StalePushError
from scaffold.git.tree import Entry, Identity, open_repo, write_tree
from scaffold.process import Finished


def head(store: pygit2.Repository, branch: str) -> str | None:
    """Where a branch is, or None."""
    found = store.references.get(f"refs/heads/{branch}")
    return None if found is None else str(found.target)


def _remote(folder: Path, url: str) -> pygit2.Remote:
    return open_repo(folder).remotes.create_anonymous(url)


def fetch(folder: Path, url: str, refspec: str, *_: str) -> None:
    """Fetch a refspec."""
    try:
        _remote(folder, url).fetch([refspec])
    except pygit2.GitError as error:
        raise ForgeError(f"can't be fetched from: {error}", where=url) from error


def push(folder: Path, url: str, commit: str, branch: str, *, expect: str | None, **_: Any) -> None:
    """Move a branch by compare-and-swap."""
    _look(url, branch, expect, commit)
    name = f"refs/tests/{commit}"
    open_repo(folder).references.create(name, commit, force=True)
    _remote(folder, url).push([f"+{name}:refs/heads/{branch}"])


def drop(_: Path, url: str, branch: str, *, expect: str) -> None:
    """Delete a branch by compare-and-swap."""
    store = _look(url, branch, expect, None)
    if head(store, branch) is not None:
        store.references.delete(f"refs/heads/{branch}")


def _look(url: str, branch: str, expect: str | None, wanted: str | None) -> pygit2.Repository:
    try:
        store = open_repo(Path(url.removeprefix("file://")))
    except pygit2.GitError as error:
        raise ForgeError(f"can't be pushed to: {error}", where=url) from error
    if head(store, branch) not in (expect, wanted):
        raise StalePushError(f"`{branch}` moved while this was prepared", where=url)
    return store


def commit(
    repo: pygit2.Repository, tree: Mapping[str, Entry], message: str, identity: Identity
) -> str:
    """A first commit, in the same second whenever it is made: the same ones have the same id."""
    who = pygit2.Signature(identity.name, identity.email, 0, 0)
    return str(repo.create_commit(None, who, who, message, write_tree(repo, tree), []))


def git(*arguments: str, cwd: Path | None = None, **_: Any) -> Finished:
    """What git is asked for besides, without starting it; `ls-remote` only of what is gone."""
    if arguments[0] == "ls-remote":
        return Finished(128, b"", b"fatal: this does not appear to be a git repository\n")
    assert cwd is not None
    if arguments[0] == "config":
        return Finished(0, str(open_repo(cwd).remotes["origin"].url).encode(), b"")
    if arguments[0] == "update-ref":
        name, target = arguments[1:]
        open_repo(cwd).references.create(name, target, force=True)
    else:
        assert arguments[0] in ("symbolic-ref", "merge"), arguments
    return Finished(0, b"", b"")
