"""Temporary folders of our own; what a killed run left is removed at the next start."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scaffold.errors import FileError

_PREFIX = "run-"


def scratch_root() -> Path:
    """The folder that holds all temporary folders of this user's runs."""
    root = Path(tempfile.gettempdir()) / f"scaffold-{os.getuid()}"
    with suppress(FileExistsError):
        root.mkdir(mode=0o700)
    found = root.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise FileError(
            "is not a folder of yours, so nothing is put into it",
            where=str(root),
            hint="Remove it, or set TMPDIR to a folder that is yours alone.",
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        root.chmod(0o700)
    return root


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A fresh folder that is removed at the end; its name tells which process it belongs to."""
    root = scratch_root()
    _remove_leftovers(root)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(root: Path) -> None:
    for folder in root.glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
