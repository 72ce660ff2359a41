"""Temporary folders; those of a killed run are removed at the next start.

Everything temporary is below the folder of its run, including what programs and libraries put into
TMPDIR. Beside the folder is a file that the run keeps locked, so that other processes know whether
it is alive, also those that share TMPDIR from another container.
"""

import atexit
import os
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scaffold.errors import FileError
from scaffold.staging import begin, end, remove_leftovers

_PREFIX = "run-"
_NAMED_BY = ("TMPDIR", "TEMP", "TMP")  # as Python's `tempfile` has it
_DEFAULT = "/tmp"  # noqa: S108 - nothing is put into it but a folder that is ours alone
_LAST = -1000  # multiprocessing removes its folder at -100
_begun: dict[Path, int] = {}  # the folders of this process, and the descriptors of their locks
_one_at_a_time = threading.Lock()


def scratch_root() -> Path:
    """The folder that holds all temporary folders of this user's runs. Raises FileError."""
    place = _temporary()
    try:
        return _root(place)
    except OSError as error:
        raise _no_room(place, error) from error


def clear_up() -> None:
    """Remove what killed runs left, for a run that may need no temporary folder of its own."""
    root = _temporary() / _of_this_user()
    with suppress(OSError):
        if _is_ours(root):
            remove_leftovers(root, _PREFIX)


def run_folder() -> Path:
    """The folder of this process's run, removed when the process ends.

    TMPDIR is set to it, for libraries and for programs that are started. Raises FileError where
    nothing can be written there; there is no fallback to another folder.
    """
    with _one_at_a_time:
        here = Path(os.environ.get(_NAMED_BY[0], ""))
        if here not in _begun or not here.is_dir():
            place = _temporary()
            try:
                here = _begin(_root(place))
            except OSError as error:
                raise _no_room(place, error) from error
            os.environ[_NAMED_BY[0]] = str(here)
        tempfile.tempdir = str(here)
        return here


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A fresh folder that is removed at the end. Raises FileError."""
    place = run_folder()
    try:
        folder = Path(tempfile.mkdtemp(dir=place))
    except OSError as error:
        raise _no_room(place, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _temporary() -> Path:
    """The folder where the user wants temporary files, whether or not it is usable.

    `tempfile` would fall back to other folders, even to the current one.
    """
    named = next(filter(None, map(os.environ.get, _NAMED_BY)), _DEFAULT)
    place = Path(named).absolute()
    return place.parent.parent if place in _begun else place


def _of_this_user() -> str:
    return f"scaffold-{os.getuid()}"


def _is_ours(root: Path) -> bool:
    """Raises OSError."""
    status = root.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _root(place: Path) -> Path:
    """Raises OSError, FileError."""
    root = place / _of_this_user()
    with suppress(FileExistsError):
        root.mkdir(mode=0o700)
    if not _is_ours(root):
        raise FileError(
            "is not a folder of yours, so nothing is put into it",
            where=str(root),
            hint="Remove it, or set TMPDIR to a folder that is yours alone.",
        )
    if stat.S_IMODE(root.lstat().st_mode) != 0o700:
        root.chmod(0o700)
    return root


def _begin(root: Path) -> Path:
    """Create the folder of a run, with its lock held from the start. Raises OSError."""
    folder, lock = begin(root, _PREFIX)
    _begun[folder] = lock
    _at_the_very_end(_end, os.getpid(), folder)
    return folder


def _at_the_very_end(function: Callable[..., None], *arguments: object) -> None:
    """Call a function after multiprocessing has removed its own folder, which is below ours.

    `atexit` calls the last registered function first, and multiprocessing registers its own when it
    is imported, which is not done for this alone.
    """
    if multiprocessing := sys.modules.get("multiprocessing.util"):
        multiprocessing.Finalize(None, function, arguments, exitpriority=_LAST)
    else:
        atexit.register(function, *arguments)


def _end(process: int, folder: Path) -> None:
    if process == os.getpid():  # not in a process that was forked from it
        end(folder, _begun.pop(folder))


def _no_room(place: Path, error: OSError) -> FileError:
    return FileError(
        f"can't write temporary files: {error.strerror or error}",
        where=str(place),
        hint="Make room there, or set TMPDIR to another folder that you may write to.",
    )
