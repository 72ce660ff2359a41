"""Random trees, and random edits of them, for laws that hold for all of them."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from hypothesis import strategies as st
from pygit2.enums import FileMode

from scaffold.git.tree import Entry
from tests.upgrade.trees import Tree

# Few names and few lines, so that trees have much in common and get into each other's way.
_NAMES = st.sampled_from(["a", "b", "c", "B", "d.txt"])
PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_WORDS = ("one", "two", "three", "four", "five", "six")
_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", ""])


@st.composite
def _texts(draw: st.DrawFn, words: Sequence[str] = _WORDS) -> bytes:
    lines, end = draw(st.lists(st.sampled_from(words), max_size=8)), draw(_ENDS)
    if end == "\r\n":
        return "\r\n".join([*lines, ""]).encode()
    return ("\n".join(lines) + end).encode()


_BYTES = st.sampled_from([b"\0one", b"\xff\xfea\0", b"\xff\xfea", b"\xe4\n"])
_MODES = st.sampled_from([FileMode.BLOB, FileMode.BLOB, FileMode.BLOB_EXECUTABLE])
_LINKS = st.builds(Entry, st.just(FileMode.LINK), st.sampled_from([b"a", b"b/c", b"../x"]))


def entries(words: Sequence[str] = _WORDS) -> st.SearchStrategy[Entry]:
    """Mostly text files of these lines, some links and some that are no text."""
    texts = st.builds(Entry, _MODES, _texts(words))
    return st.one_of(texts, texts, texts, st.builds(Entry, _MODES, _BYTES), _LINKS)


def without_clashes(files: Tree) -> Tree:
    """No path that is a file and a folder at once."""
    kept: Tree = {}
    folders: set[str] = set()
    for path, entry in sorted(files.items()):
        above = [str(folder) for folder in PurePosixPath(path).parents]
        if path not in folders and not any(folder in kept for folder in above):
            kept[path] = entry
            folders.update(above)
    return kept


TREES = st.dictionaries(PATHS, entries(), max_size=8).map(without_clashes)


@st.composite
def edits(draw: st.DrawFn, start: Tree, words: Sequence[str] = _WORDS) -> Tree:
    """The tree after up to five edits: change, delete, add, move, swap, rename a folder."""
    files = dict(start)
    for _ in range(draw(st.integers(0, 5))):
        known = sorted(files)
        kind = draw(st.sampled_from(["change", "lines", "delete", "add", "move", "swap", "folder"]))
        if kind == "add" or not known:
            files[draw(PATHS)] = draw(entries(words))
            continue
        path = draw(st.sampled_from(known))
        if kind == "delete":
            del files[path]
        elif kind == "change":
            files[path] = draw(entries(words))
        elif kind == "lines":
            files[path] = Entry(files[path].mode, files[path].data + draw(_texts(words)))
        elif kind == "move":
            files[draw(PATHS)] = files.pop(path)
        elif kind == "swap":
            other = draw(st.sampled_from(known))
            files[path], files[other] = files[other], files[path]
        else:
            files = _rename_folder(files, path.split("/")[0], draw(_NAMES))
    return without_clashes(files)


def _rename_folder(files: Tree, old: str, new: str) -> Tree:
    moved = {path: path.split("/") for path in files}
    return {
        "/".join([new, *parts[1:]]) if parts[0] == old and len(parts) > 1 else path: files[path]
        for path, parts in moved.items()
    }


@st.composite
def three_trees(draw: st.DrawFn) -> tuple[Tree, Tree, Tree]:
    """A base, what the blueprint made of it, and what the owner made of it in words of his own."""
    base = draw(TREES)
    return base, draw(edits(base)), draw(edits(base, (*_WORDS, "mine", "my own")))
