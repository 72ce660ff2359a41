"""Conflict markers that `git merge` and `git merge-file` leave in files."""

import re
from collections.abc import Iterator

import pygit2

# Not the `=======` in the middle: such a line underlines headings, too.
_MARKER = re.compile(rb"^(?:\xff\xfe|\xfe\xff)?((?:<{7}|\|{7}|>{7}) [^\r\n]*)", re.M)


def marked_files(store: pygit2.Repository, old: pygit2.Oid, new: pygit2.Oid) -> Iterator[str]:
    """The files of the tree `new` with conflict markers that are not in `old`.

    One marker is enough: a conflict with the other markers deleted is not settled.
    """
    before, after = (store[tree].peel(pygit2.Tree) for tree in (old, new))
    for delta in before.diff_to_tree(after).deltas:
        path = delta.new_file.path
        if _markers(after, path) - _markers(before, path):
            yield path


def marker_lines(data: bytes) -> set[bytes]:
    """The lines of a file that look like a conflict's markers."""
    # ASCII text in UTF-16 has the same bytes, with zeros between.
    return set(_MARKER.findall(data.replace(b"\0", b"")))


def _markers(tree: pygit2.Tree, path: str) -> set[bytes]:
    item = tree[path] if path in tree else None  # noqa: SIM401 - it has no `get`
    return marker_lines(item.data) if isinstance(item, pygit2.Blob) else set()
