"""What the owner's `.gitattributes` say about merging a path."""

from pathlib import PurePosixPath

import pygit2
from pygit2.enums import FileMode

from scaffold.git.attributes import find_attribute
from scaffold.merge.content import Driver

_NAME = ".gitattributes"
# Drivers that git has built in; any other one is configured on the owner's machine.
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
    """The merge driver of a path, by the attributes files of that commit alone."""
    whole = f"{folder}/{path}" if folder else path
    files = _attributes_files(store.revparse_single(f"{commit}^{{tree}}"), whole)
    if not files:
        return Driver()
    driver = find_attribute("merge", whole, files)
    return _DRIVERS.get(driver, Driver(custom=driver))


def _attributes_files(tree: pygit2.Object, path: str) -> dict[str, bytes]:
    """Those of the folders that a path is in."""
    attributes: dict[str, bytes] = {}
    for folder in PurePosixPath(path).parents:
        place = str(folder / _NAME)
        item = tree[place] if isinstance(tree, pygit2.Tree) and place in tree else None
        if isinstance(item, pygit2.Blob) and item.filemode in _FILES:
            attributes[place] = item.data
    return attributes
