"""Git attributes of paths, looked up by git without the user's own attributes file."""

import os
from collections.abc import Collection, Mapping

from scaffold.git import program
from scaffold.git.folders import write_folder
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Entry


def find_attribute(name: str, path: str, files: Mapping[str, bytes]) -> str:
    """The value of an attribute of a path; `set`, `unset` or `unspecified` where it has none.

    `files` are the attributes files to apply, by path. Raises UnsafeTreeError, FileError.
    """
    return find_attributes([name], [path], files)[path][name]


def find_attributes(
    names: Collection[str], paths: Collection[str], files: Mapping[str, bytes]
) -> dict[str, dict[str, str]]:
    """The values of some attributes of each path, as `find_attribute` has them."""
    with scratch_folder() as folder:
        tree = {place: Entry.file(data) for place, data in files.items()}
        write_folder(tree, folder)
        program.git("init", "--quiet", "--template=", str(folder))
        done = program.git(
            "-c", f"core.attributesFile={os.devnull}", "check-attr", "-z", "--stdin", *names,
            cwd=folder, stdin=b"".join(os.fsencode(path) + b"\0" for path in paths),
        )  # fmt: skip
    told = os.fsdecode(done.stdout).split("\0")
    found: dict[str, dict[str, str]] = {path: {} for path in paths}
    for path, name, value in zip(told[::3], told[1::3], told[2::3], strict=False):
        found[path][name] = value
    return found
