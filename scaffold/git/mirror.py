"""Mirrors of remote repos in the user's cache: their locks, and what becomes of a damaged one.

One process at a time fetches into a mirror; others may read it meanwhile. A mirror that is damaged
stays where it is for those that read it, and a new one is fetched beside it.
"""

import fcntl
import hashlib
import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import pygit2

from scaffold.cache import cache_folder, damage, distrust, move, note
from scaffold.deadline import pause
from scaffold.errors import ForgeError, ProcessFailedError, not_written
from scaffold.git import program, remote_errors, transport
from scaffold.git.replies import Fault
from scaffold.git.settings import for_fsck
from scaffold.git.tree import init_bare, open_repo
from scaffold.redaction import redacted
from scaffold.staging import HALF, remove_leftovers

_MOST_PACKS = 50  # git's own gc.autoPackLimit
_PAUSE = 0.05  # seconds
_SAID_AFTER = 100  # pauses
_log = logging.getLogger(__name__)


def fetched_mirror(url: str) -> tuple[Path, pygit2.Repository]:
    """The mirror of a repo with all that it has now. Raises ForgeError, FileError."""
    home = _home(url)
    try:
        home.mkdir(parents=True, exist_ok=True)
        _use(_root())
        with _alone(home / "lock", url):
            folder = _up_to_date(home, url)
    except OSError as error:
        raise not_written(error, error.filename or home) from error
    try:
        store = open_repo(folder)
    except pygit2.GitError as error:
        distrust(folder.resolve())
        raise ForgeError(
            f"its copy in the cache can't be read: {error}",
            where=url,
            hint="It is fetched anew if you run this again.",
        ) from error
    if not any(store.references):
        transport.need_repo(url)
    return folder, store


def _home(url: str) -> Path:
    """The folder for the mirrors of a repo: usually only `1.git`, and a newer one after damage."""
    return _root() / hashlib.sha256(url.encode()).hexdigest()[:24]


def _root() -> Path:
    return cache_folder() / "mirrors"


def _newest(home: Path) -> Path | None:
    mirrors = [folder for folder in home.glob("*.git") if folder.stem.isdigit()]
    return max(mirrors, key=lambda folder: int(folder.stem), default=None)


def _up_to_date(home: Path, url: str) -> Path:
    """The mirror of a repo, fetched; a damaged one is replaced by a new one.

    The damaged one stays until no process can be using it.
    """
    folder = _newest(home)
    if folder is None:
        return _make(home, 1, url)
    why = damage(folder) or _fetch(folder, url)
    if why is None:
        return folder
    _log.warning(
        "%s: its copy in the cache is damaged, so it is fetched anew: %s", redacted(url), why
    )
    made = _make(home, int(folder.stem) + 1, url)
    (_folder(_GIVEN_UP) / f"{home.name}-{folder.stem}").touch()
    return made


def _make(home: Path, number: int, url: str) -> Path:
    """Create a mirror, which gets its name once it is complete. Raises ForgeError, OSError."""
    with tempfile.TemporaryDirectory(dir=_folder(_UNFINISHED)) as staging:
        made = Path(staging) / f"{number}.git"
        init_bare(made)
        if why := _fetch(made, url):
            raise ForgeError(
                f"can't be kept in the cache: {why}",
                where=url,
                hint=f"Look at the disk that {home} is on.",
            )
        folder = home / made.name
        move(made, folder)
    return folder


def _fetch(folder: Path, url: str) -> str | None:
    """Fetch everything; return what is wrong with the mirror, if that is why it failed.

    Raises ForgeError for a fault of the remote, FileError for a full disk.
    """
    # Without --prune, deleted branches would stay here; tags are a blueprint's versions.
    what = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    options = ("--prune", "--no-tags", "--no-auto-maintenance")
    done = transport.reach(url, "fetch", *options, operands=what, cwd=folder, check=False)
    if done.status == 0:
        _pack(folder)
        note(folder)
        return None
    fault, error = remote_errors.failure(done, url, folder)
    if fault is Fault.OTHER and isinstance(error, ForgeError) and (why := _broken(folder)):
        return why
    raise error


def _pack(folder: Path) -> None:
    """Merge the packs, if there are many: each fetch adds one, since fetched objects are checked.

    Unreachable objects are kept, as another process may have fetched or created them a moment ago.
    A process that reads a removed pack finds the object in the new one.
    """
    if sum(1 for _ in (folder / "objects/pack").glob("*.pack")) > _MOST_PACKS:
        program.git("repack", "-a", "-d", "--keep-unreachable", "--quiet", cwd=folder)


def _broken(folder: Path) -> str | None:
    """What git finds wrong with a repo and all that is in it, or None."""
    with suppress(ProcessFailedError):  # too large to check within the time limit
        done = program.git(*for_fsck(), "fsck", "--no-dangling", cwd=folder, check=False)
        if done.status != 0:
            return next(iter(done.last_lines), "git fsck fails")
    return None


# --- Other processes that use the mirrors ---------------------------------------------------

_UNFINISHED, _GIVEN_UP = "unfinished", "given-up"


def _folder(name: str) -> Path:
    folder = _root() / name
    folder.mkdir(exist_ok=True)
    return folder


@lru_cache
def _use(root: Path) -> int:
    """Mark the mirrors as in use by this process until it ends.

    If no other process uses them, obsolete mirrors are removed first.
    """
    descriptor = os.open(root / "in-use", os.O_CREAT | os.O_RDWR, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _clear()
    except BlockingIOError:
        pass
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _clear() -> None:
    for folder in _root().iterdir():
        remove_leftovers(folder, HALF)
    for folder in _folder(_UNFINISHED).iterdir():
        shutil.rmtree(folder, ignore_errors=True)
    for mark in _folder(_GIVEN_UP).iterdir():
        home, _, number = mark.name.rpartition("-")
        folder = _root() / home / f"{number}.git"
        shutil.rmtree(folder, ignore_errors=True)
        distrust(folder.resolve())
        mark.unlink(missing_ok=True)


@contextmanager
def _alone(file: Path, url: str) -> Iterator[None]:
    """Wait for the lock of a repo's mirror. The kernel releases it when its process dies."""
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o666)
    try:
        for number in itertools.count():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if number == _SAID_AFTER:
                    _log.warning("%s: waiting for a run that is fetching it", redacted(url))
                pause(_PAUSE, url)
        yield
    finally:
        os.close(descriptor)
