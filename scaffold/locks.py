"""Locks among all processes that see the same folder, in other containers too.

They are `flock`s: the kernel lets one go when its holder dies, however that happens, so none is
ever stale. The number of a process would say nothing, since each container counts its own.
"""

import fcntl
import os
from pathlib import Path


def take(file: Path) -> int | None:
    """Lock a file, which is made, and return its descriptor; None while somebody else has it.

    The lock goes with the descriptor. Raises OSError.
    """
    while True:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(file, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder has removed it meanwhile


def _is_at(file: Path, descriptor: int) -> bool:
    """Whether a descriptor is that of the file that has this name now."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
