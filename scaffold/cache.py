"""The user's cache: folders whose files may be damaged at any time.

A kill, a power cut, a full disk or a cleaner of old files does that, and a folder that was damaged
once would fail for ever. So beside a folder is noted which files it has once they are whole; what
is less than that is damage.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from scaffold.staging import staging_folder

# What git has while it works in a repo, and the refs that it saw last.
_IN_PASSING = re.compile(r"tmp_.*|.*\.keep|FETCH_HEAD")


def cache_folder() -> Path:
    """Where scaffold's part of the user's cache is."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    # A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/
    root = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return root / "scaffold"


def note(folder: Path) -> None:
    """Note what a folder has, which is whole. Raises OSError."""
    write_whole(_notes(folder), json.dumps(dict(_files(folder))).encode())


def damage(folder: Path) -> str | None:
    """What is wrong with a folder, by what was noted of it; None where nothing is.

    Files that came since are none, but for those that are empty and for locks.
    """
    try:
        noted: dict[str, int] = json.loads(_notes(folder).read_bytes())
    except (OSError, ValueError):
        return "what belongs to it is not known"
    there = dict(_files(folder))
    for path, size in noted.items():
        if path not in there:
            return f"{path} is gone"
        if there[path] != size:
            return f"{path} has {there[path]} bytes in place of {size}"
    for path in there.keys() - noted.keys():
        if path.endswith(".lock"):
            return f"{path} was left by somebody"
        if there[path] == 0:
            return f"{path} is empty"
    return None


def distrust(folder: Path) -> bool:
    """Have a folder count as damaged from now on; return whether it is one of the cache."""
    if not folder.is_relative_to(cache_folder().resolve()):
        return False
    with suppress(OSError):
        _notes(folder).unlink()
    return True


def move(folder: Path, place: Path) -> None:
    """Give a folder its place, in one step, with what was noted of it. Raises OSError."""
    _notes(folder).rename(_notes(place))
    folder.rename(place)


def write_whole(file: Path, data: bytes) -> None:
    """Write a file in one step, so that nobody sees a part of it. Raises OSError.

    What a killed run was writing in the same folder is removed.
    """
    with staging_folder(file.parent) as half:
        (half / file.name).write_bytes(data)
        (half / file.name).replace(file)


def _notes(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.files")


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """The files below a folder and their sizes, but for those that come and go."""
    top = len(str(folder)) + 1
    for here, _, names in os.walk(folder):  # there may be thousands: no Path is made of each
        for name in names:
            if not _IN_PASSING.fullmatch(name):
                path = f"{here}/{name}"
                with suppress(FileNotFoundError):  # somebody has just removed it
                    yield path[top:], os.lstat(path).st_size
