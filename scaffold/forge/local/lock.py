"""One writer at a time of what the local forge keeps in a repo, among all processes and threads.

libgit2 looks whether a ref is there before it locks it, so of two who make it at once the last one
wins; whoever changes one after a look would undo what came in between.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scaffold.deadline import pause
from scaffold.errors import ForgeError, not_written

_LIMIT = 60.0  # seconds; what is done with the lock takes a moment
_PAUSE = 0.01  # seconds


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Wait until nobody else writes `what` in the repo at `folder`.

    The kernel lets the lock go when its holder dies, however that happens. Raises FileError;
    ForgeError where somebody has it for a minute, as one who was stopped and not killed.
    """
    file = folder / f"scaffold-{what}.lock"
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o666)
    except OSError as error:
        raise not_written(error, file) from error
    try:
        _take(descriptor, file)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, file: Path) -> None:
    until = time.monotonic() + _LIMIT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise ForgeError(
                    f"somebody else has it for {_LIMIT:g} s",
                    where=str(file),
                    hint=f"See who that is, with `fuser {file}`; end it, then run this again.",
                ) from error
            pause(_PAUSE, str(file))
        else:
            return
