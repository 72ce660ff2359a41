"""Git attributes of a path, looked up by git without the user's own attributes file."""

from collections.abc import Mapping

from scaffold.git import program
from scaffold.git.folders import write_folder
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Entry


def find_attribute(name: str, path: str, files: Mapping[str, bytes]) -> str:
    """The value of an attribute of a path; `set`, `unset` or `unspecified` where it has none.

    `files` are the attributes files to apply, by path. Raises UnsafeTreeError, FileError.
    """
    with scratch_folder() as folder:
        tree = {place: Entry.file(data) for place, data in files.items()}
        write_folder(tree, folder)
        program.git("init", "--quiet", "--template=", str(folder))
        own = ("-c", "core.attributesFile=/dev/null")
        done = program.git(*own, "check-attr", "-z", name, "--", path, cwd=folder)
    return done.stdout.split(b"\0")[2].decode("utf-8", "replace")
