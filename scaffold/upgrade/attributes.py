"""What the owner's `.gitattributes` say about merging a path."""

import pygit2
from pygit2.enums import AttrCheck

from scaffold.upgrade.content import Driver

# Drivers that git has built in; any other one is configured on the owner's machine.
_BUILT_IN = {"text": Driver(), "binary": Driver(binary=True), "union": Driver(union=True)}


def merge_driver(store: pygit2.Repository, commit: str, folder: str, path: str) -> Driver:
    """The merge driver of a path, by the attributes files of that commit alone."""
    whole = f"{folder}/{path}" if folder else path
    flags = AttrCheck.INCLUDE_COMMIT | AttrCheck.NO_SYSTEM | AttrCheck.INDEX_ONLY
    found = store.get_attr(whole, "merge", flags, commit)
    if found is None or found is True:
        return Driver()
    if found is False:
        return Driver(binary=True)
    return _BUILT_IN.get(found, Driver(custom=found))
