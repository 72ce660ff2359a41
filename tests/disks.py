"""Real disks that take nothing more: file systems in memory that are full, or are read-only."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.areas import NOT_HERE

NO_ROOM, READ_ONLY = "No space left on device", "Read-only file system"


@contextmanager
def disk(folder: Path, size: str = "64m") -> Iterator[Path]:
    """Put a disk in the place of a folder, with what is in there; made where it is not there."""
    was = folder.with_name(f"{folder.name}.was")
    if folder.exists():
        folder.rename(was)
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{NOT_HERE}a file system can't be mounted: {done.stderr.strip()}")
    try:
        if was.exists():
            subprocess.run(["cp", "-a", f"{was}/.", str(folder)], check=True)
            shutil.rmtree(was)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def ends(folder: Path, why: str) -> None:
    """Let a disk take nothing more, for one of two reasons."""
    if why == READ_ONLY:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        return
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def goes_on(folder: Path, why: str) -> None:
    """Let it take something again."""
    if why == READ_ONLY:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    else:
        (folder / "filler").unlink()
