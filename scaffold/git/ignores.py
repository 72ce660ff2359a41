"""What `.gitignore` files name, as git itself reads them."""

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
_ANSWERS = (0, 1)  # some are ignored, or none
_RULES_OF_THE_USER = f"core.excludesFile={os.devnull}"


def ignored(paths: Collection[str], rules: Mapping[str, Entry], scratch: Path) -> frozenset[str]:
    """Those of some paths that `.gitignore` files name, so that `git add` leaves them out.

    `rules` are those files, by path. What the user's own settings name counts for nothing.
    Raises ProcessFailedError.
    """
    # Git follows no link there: https://git-scm.com/docs/gitignore#_notes
    files = {path: entry for path, entry in rules.items() if entry.mode != FileMode.LINK}
    if not any(entry.data.strip() for entry in files.values()):
        return frozenset()
    asked = {f"./{path}": path for path in paths}  # a colon at the start is no path to git
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


def rule_places(paths: Collection[str]) -> set[str]:
    """Where files with rules for some paths may be."""
    folders = {folder for path in paths for folder in PurePosixPath(path).parents}
    return {(folder / _NAME).as_posix() for folder in folders}
