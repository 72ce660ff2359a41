"""Full disks and stale lock files, recognised by the messages of git and libgit2.

Neither reports an error number.
"""

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

import pygit2

from scaffold.errors import FileError, not_written

OF_WRITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
"""The errors of the system that mean that nothing can be written to a place."""
_BY_WORDS = {os.strerror(number).lower(): number for number in (*OF_WRITING, errno.EACCES)}
# The message is at the end of a line, after the path, if any: `'/forge/shop.git': No space ...`
_SOME = 2**20  # bytes
_REFUSED = re.compile(
    rf"(?:'?(?P<path>/[^':\n]+)'?: |: |^)(?P<words>{'|'.join(map(re.escape, _BY_WORDS))})\.?$",
    re.IGNORECASE | re.MULTILINE,
)
_UNTOLD = re.compile(r"couldn't write '(?P<path>/[^'\n]+)'$", re.MULTILINE)
_LOCKED = re.compile(
    r"failed to lock file '(?P<libgit2>[^'\n]+)'"  # without a reason: it exists
    r" for writing: $|Unable to create '(?P<git>[^'\n]+\.lock)': File exists"
    r"|could not lock config file (?P<config>[^\n]+): File exists",
    re.MULTILINE,
)


@contextmanager
def writing(where: Path | str) -> Iterator[None]:
    """Raise FileError for a full disk or a lock file while libgit2 writes to `where`.

    Other errors are raised as they are.
    """
    try:
        yield
    except (OSError, pygit2.GitError) as error:
        if file_error := fault_of(error, Path(where)):
            raise file_error from error
        raise


def fault_of(error: Exception, folder: Path) -> FileError | None:
    """The error for a failed write to a repo's folder, or None where the folder is writable."""
    if isinstance(error, OSError) and error.errno is not None:
        return not_written(error, error.filename or folder)
    return fault_in(str(error), folder) or _looked_at(folder)


def _looked_at(folder: Path) -> FileError | None:
    """The error of a test write to a folder, or None where it works.

    libgit2 may report a delayed write under an earlier error's message, or under none.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_SOME))
    except OSError as error:
        return not_written(error, error.filename or folder)
    return None


def fault_in(output: str, where: object = "") -> FileError | None:
    """The error for what a program printed about the disk or a lock; None if about neither.

    `where` is the folder that it worked in.
    """
    if match := _LOCKED.search(output):
        lock = match["libgit2"] or match["git"] or f"{match['config']}.lock"
        return locked(Path(str(where), lock))
    if match := _REFUSED.search(output):
        number = _BY_WORDS[match["words"].lower()]
        return not_written(OSError(number, os.strerror(number)), match["path"] or where)
    if match := _UNTOLD.search(output):
        return FileError(
            "can't write, and git does not say why",
            where=match["path"],
            hint="Is the disk full? Make room there, then run this again.",
        )
    return None


def locked(file: Path) -> FileError:
    """The error for a lock file of git's that is in the way."""
    try:
        since = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return FileError("somebody else was writing there", where=str(file), hint="Run this again.")
    place = os.path.normpath(file)  # git has `repo.git/./refs`
    return FileError(
        f"is a lock of git's, there since {since:%Y-%m-%d %H:%M:%S} UTC",
        where=place,
        hint="If no git is at work in that repo, one that was killed has left it:"
        f" remove it with `rm {quote(place)}`, then run this again.",
    )
