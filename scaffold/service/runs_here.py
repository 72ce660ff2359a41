"""Runs on this machine that create the same service: one at a time, with the marks of dead ones.

A file, locked by the current run, has the marks of the runs that did not end properly. So the run
with the lock knows that all of these are dead. For a local forge the file is in its folder, where
all users of that forge see it; for a server it is in the user's cache, and tells nothing about
other machines.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scaffold import locks
from scaffold.cache import cache_folder
from scaffold.errors import ForgeError, not_written
from scaffold.fleet.platform import PlatformRepo


class RunsHere:
    """The marks of dead runs; none are known without a file (None)."""

    def __init__(self, descriptor: int | None, file: Path) -> None:
        self._descriptor = descriptor
        self._file = file
        marks = b"" if descriptor is None else os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        self.dead = frozenset(marks.decode("utf-8", "replace").split())

    def add(self, mark: str) -> None:
        """Record a run, before its mark is published. Raises FileError."""
        if self._descriptor is None:
            return
        try:
            os.pwrite(self._descriptor, f"{mark}\n".encode(), os.fstat(self._descriptor).st_size)
        except OSError as error:
            raise not_written(error, self._file) from error

    def forget(self) -> None:
        """Remove all marks: the work of these runs is complete."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)


@contextmanager
def runs_here(platform: PlatformRepo, service: str) -> Iterator[RunsHere]:
    """Keep other runs of this machine from creating the service meanwhile.

    Raises ForgeError where one is doing so, or the forge's folder is not writable.
    """
    folder = platform.forge.lock_folder()
    file = (folder or _cache(platform.url)) / f"{service}.lock"
    descriptor = _lock(file, folder, service)
    try:
        yield RunsHere(descriptor, file)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock(file: Path, folder: Path | None, service: str) -> int | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = locks.take(file)
        if descriptor is None:
            raise _at_it(service, file)
        os.utime(descriptor)
    except OSError as error:
        if folder is None:  # without a cache, a dead run is only noticed later
            return None
        raise ForgeError(
            f"can't write to the forge: {error.strerror}",
            where=str(folder.parent),
            hint="See that the folder is there, that you may write to it and it has room.",
        ) from error
    return descriptor


def _at_it(service: str, file: Path) -> ForgeError:
    seconds = max(time.time() - file.stat().st_mtime, 0)
    return ForgeError(
        f"another run on this machine has been creating `{service}` for {seconds:.0f} s",
        where=str(file),
        hint="Wait until it has ended, then look with `scaffold status`. If it hangs, end it:"
        f" `fuser {file}` tells its process, and the lock goes with it.",
    )


def _cache(url: str) -> Path:
    return cache_folder() / "locks" / hashlib.sha256(url.encode()).hexdigest()[:24]
