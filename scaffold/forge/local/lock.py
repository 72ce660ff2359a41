"""One writer at a time of what the local forge keeps in a repo, among all processes and threads.

libgit2 looks whether a ref is there before it locks it, so of two who make it at once the last one
wins; whoever changes one after a look would undo what came in between.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scaffold.errors import ForgeError


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Wait until nobody else writes `what` in the repo at `folder`. Raises ForgeError.

    The kernel lets the lock go when its holder dies, however that happens.
    """
    try:
        file = folder / f"scaffold-{what}.lock"
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o666)
    except OSError as error:
        raise ForgeError(f"can't write to {what}: {error.strerror}", where=str(folder)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
