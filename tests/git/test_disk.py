"""A disk that takes nothing more, and a lock that somebody left, told as what they are."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pygit2
import pytest

from scaffold.errors import FileError, ScaffoldError
from scaffold.forge.api import Proposal, StatusState
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.git import access, branches, program
from scaffold.git.access import Access, use_access
from scaffold.git.disk import fault_in
from scaffold.git.local import move_branch
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, Identity, change_tree, make_commit, open_repo
from tests.builders import git
from tests.disks import NO_ROOM, READ_ONLY, disk, ends, goes_on
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server

DEV = Identity("Dev", "dev@example.com")
BIG = {"data.bin": Entry.file(os.urandom(100_000))}
ROOM = "Make room there, then run this again."
LEFT = "If no git is at work in that repo, one that was killed has left it"
RIGHTS = "Name another folder, or look at its rights and at the disk."
SAID = {
    "libgit2, of a disk that is full": (
        "failed to write out file: No space left on device",
        ("/repo: can't write: No space left on device", ROOM),
    ),
    "libgit2, with a path": (
        "failed to create temporary file '/forge/a.git/objects/tmp': Read-only file system",
        ("/forge/a.git/objects/tmp: can't write: Read-only file system", RIGHTS),
    ),
    "git, of a quota": (
        "error: file write error: Disk quota exceeded\nfatal: unpack-objects failed",
        (
            "/repo: can't write: Disk quota exceeded",
            "Make room there, or have your quota raised, then run this again.",
        ),
    ),
    "git, of a ref": (
        "fatal: cannot update ref: couldn't write '/forge/a.git/refs/heads/main.lock'\n",
        (
            "/forge/a.git/refs/heads/main.lock: can't write, and git does not say why",
            "Is the disk full? Make room there, then run this again.",
        ),
    ),
    "git, of a limit": (
        "fatal: write error: File too large",
        (
            "/repo: can't write: File too large",
            "Is it larger than the system lets a file be? `ulimit -f` tells.",
        ),
    ),
    "git, of a right": (
        "error: cannot open 'FETCH_HEAD': Permission denied",
        ("/repo: can't write: Permission denied", RIGHTS),
    ),
    "kustomize": (
        "Error: mkdir /work/kustomize-1: no space left on device",
        ("/work/kustomize-1: can't write: No space left on device", ROOM),
    ),
}


@pytest.mark.parametrize(("said", "told"), SAID.values(), ids=SAID)
def test_what_programs_say_of_a_disk(said: str, told: tuple[str, ...]) -> None:
    """The words are what git 2.39, libgit2 1.9 and kustomize 5 print."""
    found = fault_in(said, "/repo")

    assert found is not None
    assert told == found.lines


@pytest.mark.parametrize(
    "said",
    [
        "git@example.com: Permission denied (publickey).",
        "fatal: repository 'https://example.com/a.git/' not found",
        "error: no errors were expected",
    ],
)
def test_what_they_say_of_something_else(said: str) -> None:
    """A server's refusal is not the disk's."""
    assert fault_in(said, "/repo") is None


# --- A disk that takes nothing more ---------------------------------------------------


@pytest.fixture
def forge(tmp_path: Path) -> LocalFolderForge:
    """A local forge with a repo `shop`, whose main has a commit."""
    made = LocalFolderForge(str(tmp_path / "forge"))
    made.create("shop", description="")
    store = open_repo(tmp_path / "forge/shop.git")
    commit = make_commit(store, {"README.md": Entry.file(b"one\n")}, "Start\n", DEV)
    move_branch(store, "main", commit, None, where="")
    move_branch(store, "work", make_commit(store, {}, "Work\n", DEV, [commit]), None, where="")
    return made


def shop(folder: Path) -> pygit2.Repository:
    """The repo of the forge in a folder."""
    return open_repo(folder / "forge/shop.git")


def head(store: pygit2.Repository) -> str:
    """Where main is."""
    return str(store.references["refs/heads/main"].target)


def push(folder: Path, branch: str, expect: str | None) -> None:
    """Move a branch to main, as scaffold moves one of a local forge."""
    move_branch(shop(folder), branch, head(shop(folder)), expect, where="")


Act = Callable[[LocalFolderForge, Path], object]
WRITES: dict[str, Act] = {
    "a commit": lambda _, top: make_commit(shop(top), BIG, "More\n", DEV),
    "a change": lambda _, top: change_tree(shop(top), head(shop(top)), BIG),
    "a new branch": lambda _, top: push(top, "new", None),
    "a merge request": lambda forge, _: forge.open_merge_request(
        "shop", "work", Proposal("Work", "x" * 100_000)
    ),
    "a status": lambda forge, top: forge.set_status(
        "shop", head(shop(top)), "image", StatusState.SUCCESS
    ),
    "a repo": lambda forge, _: forge.create("cart", description=""),
}


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES)
def test_a_local_forge_that_takes_nothing(
    forge: LocalFolderForge, tmp_path: Path, act: Act, why: str
) -> None:
    """What, where and what to do is told; no ref has moved, and it is done once there is room."""
    with disk(tmp_path / "forge") as place:
        before = git("for-each-ref", cwd=place / "shop.git")
        ends(place, why)
        with pytest.raises(ScaffoldError) as caught:
            act(forge, tmp_path)

        first, hint = caught.value.lines
        assert first.startswith(str(place))
        assert first.endswith(f": {why}")
        assert re.search("room|rights", hint)
        assert before == git("for-each-ref", cwd=place / "shop.git")
        goes_on(place, why)
        act(forge, tmp_path)


def test_a_cache_that_takes_nothing_is_no_fault_of_the_remote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the copy in the cache given up; the next run goes on with it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(access, "_accesses", {})
    with git_server(tmp_path / "server") as server, disk(tmp_path / "cache", "1m") as cache:
        use_access(Access(server.url, "bob", TOKEN))
        server.git.make("shop")
        store = open_repo(tmp_path / "server/shop.git")
        move_branch(store, "main", make_commit(store, {}, "Start\n", DEV), None, where="")
        url = f"{server.url}/shop.git"
        folder, _ = open_mirror(url)
        commit = make_commit(store, BIG, "More\n", DEV, [head(store)])
        move_branch(store, "main", commit, head(store), where="")
        ends(cache, NO_ROOM)
        with pytest.raises(FileError) as caught:
            open_mirror(url)
        goes_on(cache, NO_ROOM)

        assert caught.value.lines[0].startswith(f"{cache}/scaffold/mirrors")
        assert f"can't write: {NO_ROOM}" in caught.value.what
        assert folder == open_mirror(url)[0]


# --- A lock that somebody left --------------------------------------------------------


LOCKS: dict[str, tuple[str, Act]] = {
    "of main": (
        "refs/heads/main.lock",
        lambda _, top: move_branch(
            shop(top), "main", head_of(top, "work"), head(shop(top)), where=""
        ),
    ),
    "of a new branch": ("refs/heads/new.lock", lambda _, top: push(top, "new", None)),
    "of a merge request": (
        "refs/scaffold/mr/1.lock",
        lambda forge, _: forge.open_merge_request("shop", "work", Proposal("Work", "")),
    ),
    "of the statuses": (
        "refs/notes/scaffold-status.lock",
        lambda forge, top: forge.set_status("shop", head(shop(top)), "image", StatusState.SUCCESS),
    ),
    "of main, for git": (
        "refs/heads/main.lock",
        lambda _, top: program.git(
            "update-ref", "refs/heads/main", head_of(top, "work"), cwd=top / "forge/shop.git"
        ),
    ),
    "of all refs": (
        "packed-refs.lock",
        lambda _, top: program.git("pack-refs", "--all", cwd=top / "forge/shop.git"),
    ),
    "of the configuration": (
        "config.lock",
        lambda _, top: program.git("config", "a.b", "c", cwd=top / "forge/shop.git"),
    ),
    "of the index": (
        "index.lock",
        lambda _, top: program.git("read-tree", "main", cwd=top / "forge/shop.git"),
    ),
    "of main, for a push by git": (
        "refs/heads/main.lock",
        lambda _, top: pushed_by_git(top),
    ),
}


def head_of(top: Path, branch: str) -> str:
    """Where a branch is."""
    return str(shop(top).references[f"refs/heads/{branch}"].target)


def pushed_by_git(top: Path) -> None:
    """Push to main, where a hook is to be asked, so that git does it."""
    hook = top / "forge/shop.git/hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    folder = top / "forge/shop.git"
    url = f"file://{folder}"
    branches.push(folder, url, head_of(top, "work"), "main", expect=head_of(top, "main"))


@pytest.mark.parametrize(("name", "act"), LOCKS.values(), ids=LOCKS)
def test_a_lock_that_was_left_is_named(
    forge: LocalFolderForge, tmp_path: Path, name: str, act: Act
) -> None:
    """Which file, since when, and what to do; once it is removed, all is as if it had not been."""
    lock = tmp_path / "forge/shop.git" / name
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    os.utime(lock, (1_700_000_000, 1_700_000_000))

    with pytest.raises(FileError) as caught:
        act(forge, tmp_path)

    assert (
        f"{lock}: is a lock of git's, there since 2023-11-14 22:13:20 UTC",
        f"{LEFT}: remove it with `rm {lock}`, then run this again.",
    ) == caught.value.lines
    lock.unlink()
    act(forge, tmp_path)


@pytest.mark.usefixtures("forge")
def test_a_lock_of_a_moment_ago_is_somebody_elses(tmp_path: Path) -> None:
    """Who makes a branch at the same time is just quicker."""
    (tmp_path / "forge/shop.git/refs/heads/new.lock").touch()

    with pytest.raises(ScaffoldError, match="`new` moved while this was prepared"):
        push(tmp_path, "new", None)
