"""Merge drivers, as the owner's `.gitattributes` name them."""

from pathlib import PurePosixPath

import pygit2
from pygit2.enums import FileMode

from scaffold.git.attributes import find_attribute
from scaffold.merge.content import Driver

_NAME = ".gitattributes"
# git's built-in drivers; others are configured on the owner's machine:
# https://git-scm.com/docs/gitattributes#_built_in_merge_drivers
_DRIVERS = {
    "unspecified": Driver(),
    "set": Driver(),
    "text": Driver(),
    "unset": Driver(binary=True),
    "binary": Driver(binary=True),
    "union": Driver(union=True),
}
_FILES = frozenset({FileMode.BLOB, FileMode.BLOB_EXECUTABLE})


def merge_driver(store: pygit2.Repository, commit: str, folder: str, path: str) -> Driver:
    """The merge driver of a path, by the attributes files of that commit only."""
    whole = f"{folder}/{path}" if folder else path
    files = _attributes_files(store.revparse_single(f"{commit}^{{tree}}"), whole)
    if not files:
        return Driver()
    driver = find_attribute("merge", whole, files)
    return _DRIVERS.get(driver, Driver(custom=driver))


def _attributes_files(tree: pygit2.Object, path: str) -> dict[str, bytes]:
    """The attributes files of the folders above a path."""
    attributes: dict[str, bytes] = {}
    for folder in PurePosixPath(path).parents:
        place = str(folder / _NAME)
        item = tree[place] if isinstance(tree, pygit2.Tree) and place in tree else None
        if isinstance(item, pygit2.Blob) and item.filemode in _FILES:
            attributes[place] = item.data
    return attributes
