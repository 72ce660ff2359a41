"""What `git merge` and `git merge-file` leave in a file that they could not merge."""

import re
from collections.abc import Iterator

import pygit2

# The `=======` in the middle is left out: a line of that kind underlines headings, too.
_MARKER = re.compile(rb"^(?:\xff\xfe|\xfe\xff)?((?:<{7}|\|{7}|>{7}) [^\r\n]*)", re.M)


def marked_files(store: pygit2.Repository, old: pygit2.Oid, new: pygit2.Oid) -> Iterator[str]:
    """The files of the tree `new` with lines that are a conflict's markers and not in `old`.

    One marker is enough: whoever deleted the others has not settled it.
    """
    before, after = (store[tree].peel(pygit2.Tree) for tree in (old, new))
    for delta in before.diff_to_tree(after).deltas:
        path = delta.new_file.path
        if _markers(after, path) - _markers(before, path):
            yield path


def marker_lines(data: bytes) -> set[bytes]:
    """The lines of a file that look like a conflict's markers."""
    # UTF-16 is bytes of the same text with zeros between.
    return set(_MARKER.findall(data.replace(b"\0", b"")))


def _markers(tree: pygit2.Tree, path: str) -> set[bytes]:
    item = tree[path] if path in tree else None  # noqa: SIM401 - it has no `get`
    return marker_lines(item.data) if isinstance(item, pygit2.Blob) else set()
