"""Trees as files in folders.

Every path is checked before anything is written.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from pygit2.enums import FileMode

from scaffold.errors import UnsafeTreeError, not_written
from scaffold.git.paths import leads_out, verify_paths
from scaffold.git.tree import Entry, Tree


def read_folder(folder: Path) -> Tree:
    """All files below a folder, git's own ones left out; paths have forward slashes."""
    tree: Tree = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] == ".git":
            continue
        if path.is_symlink() or path.is_file():
            tree[relative.as_posix()] = read_entry(path)
    return tree


def read_entry(path: Path) -> Entry:
    """A file or link as git has it."""
    if path.is_symlink():
        target = os.readlink(path)  # noqa: PTH115 - a Path would tidy it up
        return Entry(FileMode.LINK, os.fsencode(target))
    executable = path.stat().st_mode & stat.S_IXUSR
    mode = FileMode.BLOB_EXECUTABLE if executable else FileMode.BLOB
    return Entry(mode, path.read_bytes())


def write_folder(
    tree: Mapping[str, Entry], folder: Path, *, where: str = "", with_links_out: bool = False
) -> None:
    """Write a tree as files below `folder`, which is created, or is there and empty.

    Left out are submodules, which have no content here, and links that lead out of the tree: what
    runs in the folder must not read or write elsewhere. `with_links_out` keeps those links, for
    callers that do not follow them; `where` says whose tree it is. Raises UnsafeTreeError,
    FileError.
    """
    verify_paths(tree, where)
    links = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, entry in tree.items():
            if entry.mode == FileMode.LINK:
                links.append(name)
            elif entry.mode != FileMode.COMMIT:
                _write_file(folder / name, entry)
        # Links come last, so that no file is written through one, whatever names the disk folds.
        for name in links:
            if with_links_out or not leads_out(name, tree[name].data):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).symlink_to(os.fsdecode(tree[name].data))
    except OSError as error:
        raise not_written(error, error.filename or folder) from error


def _write_file(path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:  # never over an existing file or link
        file.write(entry.data)
    if entry.mode == FileMode.BLOB_EXECUTABLE:
        path.chmod(0o755)


def links_out(tree: Mapping[str, Entry]) -> list[str]:
    """The paths of the links of a tree that lead out of it."""
    return [
        path
        for path, entry in tree.items()
        if entry.mode == FileMode.LINK and leads_out(path, entry.data)
    ]


def write_closed(tree: Mapping[str, Entry], folder: Path, *, where: str = "") -> None:
    """Write a tree that must have no link out of it, since its links are followed.

    Raises UnsafeTreeError, FileError.
    """
    refuse_links_out(tree, where)
    write_folder(tree, folder, where=where)


def refuse_links_out(tree: Mapping[str, Entry], where: str) -> None:
    """Raise UnsafeTreeError where a template has a link that leads out of it."""
    for path in links_out(tree):
        target = os.fsdecode(tree[path].data)
        raise UnsafeTreeError(
            f"has the link {path!r}, which leads out of it, to {target!r}",
            where=where,
            hint="A link in a template has to lead to another file of it.",
        )
