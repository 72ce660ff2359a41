"""Merge drivers and filters, as the owner's `.gitattributes` name them."""

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

import pygit2
from pygit2.enums import FileMode

from scaffold.git.attributes import find_attribute, find_attributes
from scaffold.merge.content import Driver

ATTRIBUTES_NAME = ".gitattributes"
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
# What git changes between a work tree and what it keeps:
# https://git-scm.com/docs/gitattributes#_filter and #_working_tree_encoding
_CONVERSIONS = ("filter", "working-tree-encoding")
_NONE = frozenset({"unspecified", "unset", "set"})
FILES = frozenset({FileMode.BLOB, FileMode.BLOB_EXECUTABLE})


def merge_driver(store: pygit2.Repository, commit: str, folder: str, path: str) -> Driver:
    """The merge driver of a path, by the attributes files of that commit only."""
    whole = f"{folder}/{path}" if folder else path
    files = _attributes_files(store.revparse_single(f"{commit}^{{tree}}"), whole)
    if not files:
        return Driver()
    driver = find_attribute("merge", whole, files)
    return _DRIVERS.get(driver, Driver(custom=driver))


def conversions(paths: Collection[str], files: Mapping[str, bytes]) -> dict[str, str]:
    """The paths that git stores in another form than a work tree has them, each with the attribute.

    `files` are the attributes files that count, by path.
    """
    counting = {
        place: data
        for place, data in files.items()
        if any(name.encode() in data for name in _CONVERSIONS)
    }
    if not counting:
        return {}
    return {
        path: f"{name}={value}"
        for path, values in find_attributes(_CONVERSIONS, paths, counting).items()
        for name, value in values.items()
        if value not in _NONE
    }


def _attributes_files(tree: pygit2.Object, path: str) -> dict[str, bytes]:
    """The attributes files of the folders above a path."""
    attributes: dict[str, bytes] = {}
    for folder in PurePosixPath(path).parents:
        place = str(folder / ATTRIBUTES_NAME)
        item = tree[place] if isinstance(tree, pygit2.Tree) and place in tree else None
        if isinstance(item, pygit2.Blob) and item.filemode in FILES:
            attributes[place] = item.data
    return attributes
