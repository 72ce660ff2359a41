"""Paths that `.gitignore` files match, as git itself evaluates them."""

import os
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from pygit2.enums import FileMode

from scaffold.errors import ProcessFailedError
from scaffold.git import program
from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry

_NAME = ".gitignore"
_ANSWERS = (0, 1)  # exit 0: some are ignored; exit 1: none
_RULES_OF_THE_USER = f"core.excludesFile={os.devnull}"


def ignored(paths: Collection[str], rules: Mapping[str, Entry], scratch: Path) -> frozenset[str]:
    """The paths that `.gitignore` files match, so that `git add` leaves them out.

    `rules` are those files, by path. The user's own ignore rules do not count. Raises
    ProcessFailedError.
    """
    # Git does not follow a link there: https://git-scm.com/docs/gitignore#_notes
    files = {path: entry for path, entry in rules.items() if entry.mode != FileMode.LINK}
    if not any(entry.data.strip() for entry in files.values()):
        return frozenset()
    # With `./`, since git reads a path that starts with a colon as pathspec magic.
    asked = {f"./{path}": path for path in paths}
    with tempfile.TemporaryDirectory(prefix="ignores-", dir=scratch) as place:
        folder = Path(place)
        write_folder(files, folder)
        program.git("init", "--quiet", "--template=", cwd=folder)
        done = program.git(
            "-c", _RULES_OF_THE_USER, "check-ignore", "--no-index", "-z", "--stdin",
            cwd=folder, check=False, stdin=b"\0".join(map(os.fsencode, asked)),
        )  # fmt: skip
    if done.status not in _ANSWERS:
        raise ProcessFailedError("`git check-ignore` failed", details=done.last_lines)
    return frozenset(asked[path] for path in os.fsdecode(done.stdout).split("\0") if path)


def rule_places(paths: Collection[str], name: str = _NAME) -> set[str]:
    """The places of all `.gitignore` files, or others of a `name`, that may apply to some paths."""
    folders = {folder for path in paths for folder in PurePosixPath(path).parents}
    return {(folder / name).as_posix() for folder in folders}
