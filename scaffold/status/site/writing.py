"""The site on disk: it is brought up to date in place, and no file of anybody else is touched."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from scaffold.cache import write_whole
from scaffold.errors import UsageError

_MARK = ".scaffold-site.json"
_HINT = "Name an empty folder, or one that this command made before."


def write_site(folder: Path, pages: Mapping[str, bytes]) -> None:
    """Write the pages below a folder, and remove those of before that are none any more.

    Each file is replaced in one step, so that whoever is reading sees a whole page. Raises
    UsageError, before anything is written, for a folder that has other files; OSError.
    """
    before = _pages_of_before(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # What is about to be written is ours, too, should this be killed on the way.
    write_whole(folder / _MARK, json.dumps(sorted({*before, *pages})).encode())
    for path, data in pages.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != data:
            file.parent.mkdir(exist_ok=True)
            write_whole(file, data)
    for path in before.difference(pages):
        (folder / path).unlink(missing_ok=True)
    write_whole(folder / _MARK, json.dumps(sorted(pages)).encode())


def _pages_of_before(folder: Path) -> frozenset[str]:
    """The paths that an earlier run noted. Raises UsageError where it is no folder of ours."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("is no folder", where=str(folder), hint=_HINT)
    if not folder.exists() or not any(folder.iterdir()):
        return frozenset()
    try:
        noted = json.loads((folder / _MARK).read_bytes())
    except (OSError, ValueError):
        noted = None
    if not isinstance(noted, list) or not all(map(_is_page, noted)):
        raise UsageError("has files that are no site of scaffold's", where=str(folder), hint=_HINT)
    return frozenset(noted)


def _is_page(path: object) -> bool:
    """Whether a path is one that a site can have: never above the folder, nor in a deeper one."""
    if not isinstance(path, str):
        return False
    parts = PurePosixPath(path).parts
    return 0 < len(parts) <= 2 and not {"..", "/"}.intersection(parts)
