"""Folders for what is not whole yet, or on its way out; what a killed run left is removed.

Beside each is a file that its run holds locked, so that others know whether that lives.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from scaffold import locks

HALF = "half-"
_LOCK = ".lock"


@contextmanager
def staging_folder(root: Path) -> Iterator[Path]:
    """A fresh folder below `root`, on the same disk, that is removed at the end. Raises OSError."""
    folder, lock = begin(root, HALF)
    try:
        yield folder
    finally:
        end(folder, lock)


def begin(root: Path, prefix: str) -> tuple[Path, int]:
    """Make a folder that nobody takes for one that a dead run left; return it, and its lock.

    All below `root` whose name begins so, and whose lock nobody holds, is removed first.
    Raises OSError.
    """
    remove_leftovers(root, prefix)
    while True:
        folder = root / f"{prefix}{uuid4().hex[:8]}"
        lock = locks.take(_lock_of(folder))
        if lock is not None:  # else somebody who clears up came upon the file just now
            break
    try:
        os.write(lock, b"\n")  # a full disk may have room for an empty file
        folder.mkdir(mode=0o700)
    except OSError:
        end(folder, lock)
        raise
    return folder, lock


def end(folder: Path, lock: int) -> None:
    """Remove a folder and let its lock go."""
    _remove(folder)
    os.close(lock)


def remove_leftovers(root: Path, prefix: str) -> None:
    """Remove what dead runs left; nothing is said of what can't be removed."""
    for name in {path.name.removesuffix(_LOCK) for path in root.glob(f"{prefix}*")}:
        folder = root / name
        with suppress(OSError):
            lock = locks.take(_lock_of(folder))
            if lock is not None:
                end(folder, lock)


def _remove(folder: Path) -> None:
    """Remove a folder, then its lock, which the caller holds."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        _lock_of(folder).unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_LOCK}")
