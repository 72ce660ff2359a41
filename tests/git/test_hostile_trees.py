"""Trees that somebody pushed to do harm: nothing outside of the folder is written or read."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pygit2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygit2.enums import FileMode, ObjectType

from scaffold.errors import FileError, ForgeError, UnsafeTreeError
from scaffold.git.attributes import find_attribute
from scaffold.git.folders import read_folder, write_closed, write_folder
from scaffold.git.tree import CommitTree, Entry, Tree, change_tree, init_bare, read_tree, write_tree
from tests.git.raw_trees import Raw, commit_of, file, folder, link, raw_commit, raw_tree

SECRET = b"a secret of this machine\n"


class Machine:
    """A machine that has a file of its own, and in it a folder that trees are laid out in."""

    def __init__(self, root: Path, store: Path) -> None:
        self.root = root
        self.store = init_bare(store)
        self.place = root / "home/scratch/laid-out"
        self.place.parent.mkdir(parents=True)
        self.secrets = [root / "secret", root / "home/secret", root / "home/scratch/secret"]
        for one in self.secrets:
            one.write_bytes(SECRET)

    def outside(self) -> dict[str, bytes]:
        """All that is there beside the folder."""
        return {
            str(path): path.read_bytes() if path.is_file() else b""
            for path in self.root.rglob("*")
            if not path.is_relative_to(self.place)
        }

    def readable(self) -> Iterator[bytes]:
        """What a program reads that follows every link in the folder."""
        for path in self.place.rglob("*"):
            if path.is_file():
                yield path.read_bytes()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A fresh one."""
    return Machine(tmp_path / "machine", tmp_path / "store.git")


IN_GITS = folder("hooks", file("post-checkout", b"#!/bin/sh\n", "100755"))
HOSTILE = {
    "parent": (folder("..", file("secret")),),
    "nested parent": (folder("a", folder("..", folder("..", file("secret")))),),
    "here": (folder(".", file("x")),),
    "absolute": (file("/dev/null/x"),),
    "absolute folder": (folder("/dev/null", file("x")),),
    "slash": (file("a/../../secret"),),
    "slash that does no harm": (file("a/b"),),
    "backslash": (file("..\\secret"),),
    "newline": (file("a\nb"),),
    "escape": (file("\x1b]0;x\x07"),),
    "git": (folder(".git", IN_GITS),),
    "git below": (folder("a", folder(".GIT", IN_GITS)),),
    "git of HFS": (folder(".g\u200cit", IN_GITS),),
    "git of NTFS": (folder("git~1", IN_GITS),),
    "git stream of NTFS": (folder(".git::$INDEX_ALLOCATION", IN_GITS),),
    "modules": (link(".gitmodules", "a"),),
    "link and folder": (link("a", ".."), folder("a", file("secret"))),
    "folder and link": (folder("a", file("secret")), link("a", "..")),
    "two links": (link("a", ".."), link("a", "b")),
    "two files": (file("a"), file("a", b"other\n")),
    "file and folder": (file("a"), folder("a", file("b"))),
    "not sorted": (file("b"), file("a")),
    "device": (file("a", mode="60644"),),
    "socket": (file("a", mode="140644"),),
    "folder that is a file": (("40000", b"a", b"no tree"),),
}


def reads() -> dict[str, Callable[[pygit2.Repository, str], object]]:
    """Each way in which a tree comes in."""
    return {
        "read": read_tree,
        "list": CommitTree,
        "change": lambda repo, commit: change_tree(repo, commit, {"new": Entry.file(b"")}),
    }


@pytest.mark.parametrize("way", reads())
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_tree_is_refused(machine: Machine, kind: str, way: str) -> None:
    """Before anything of it is listed, changed or written."""
    commit = raw_commit(machine.store, *HOSTILE[kind])

    with pytest.raises(UnsafeTreeError):
        reads()[way](machine.store, commit)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_tree_deep_down_is_refused(machine: Machine, kind: str) -> None:
    """Also where nobody asks for what is in that folder."""
    entries = folder("a", folder("b", *HOSTILE[kind]))
    commit = raw_commit(machine.store, entries, file("wanted"))

    with pytest.raises(UnsafeTreeError):
        CommitTree(machine.store, commit)["wanted"]


def test_the_error_says_whose_it_is_and_what(machine: Machine) -> None:
    """The path is written so that nothing in it can hide."""
    commit = raw_commit(machine.store, folder("docs", file("a\x1b[2Jb")))

    with pytest.raises(UnsafeTreeError) as caught:
        read_tree(machine.store, commit, "shop-env")

    said = "shop-env: has the path 'docs/a\\x1b[2Jb', which has a control character in it"
    assert said == str(caught.value)


def test_a_tree_without_measure_is_refused(machine: Machine) -> None:
    """Eight objects that stand for ten billion files."""
    content = tuple(file(str(number)) for number in range(10))
    oid = raw_tree(machine.store, content)
    for _ in range(9):
        raw = b"".join(b"40000 %d\0%s" % (number, oid.raw) for number in range(10))
        oid = machine.store.odb.write(ObjectType.TREE, raw)
    top = machine.store.odb.write(ObjectType.TREE, b"40000 a\0" + oid.raw)
    commit = commit_of(machine.store, top)

    with pytest.raises(UnsafeTreeError, match="more than 1,000,000 files"):
        read_tree(machine.store, commit)


def test_a_tree_without_bottom_is_refused(machine: Machine) -> None:
    """Ten thousand folders in one another, whichever part of them was seen before."""
    store = machine.store
    oid = raw_tree(store, (file("a"),))
    for depth in range(10_000):
        if depth == 150:
            read_tree(store, commit_of(store, oid))
        oid = store.odb.write(ObjectType.TREE, b"40000 a\0" + oid.raw)

    for _ in range(2):
        with pytest.raises(UnsafeTreeError, match="more than 200 folders"):
            read_tree(store, commit_of(store, oid))


def test_an_object_that_is_missing_is_told(machine: Machine) -> None:
    """As what is wrong with the repo, and not as a fault of scaffold."""
    store = machine.store
    tree = store.odb.write(ObjectType.TREE, b"100644 a\0" + bytes(20))
    commit = commit_of(store, tree)

    with pytest.raises(ForgeError, match="has an object that is missing or broken"):
        read_tree(store, commit)


@pytest.mark.parametrize(
    ("entries", "read"),
    [
        ((file("a", mode="100664"),), {"a": Entry.file(b"hostile\n")}),
        ((file("a", mode="0100644"),), {"a": Entry.file(b"hostile\n")}),
        ((folder("d", file("a"), mode="040000"),), {"d/a": Entry.file(b"hostile\n")}),
        ((file("A"), file("a")), {name: Entry.file(b"hostile\n") for name in "Aa"}),
        ((("100644", b"gr\xfc\xdfe", b"x"),), {"gr\udcfc\udcdfe": Entry.file(b"x")}),
    ],
    ids=["group may write", "padded", "padded folder", "case", "latin 1"],
)
def test_trees_of_old_programs_are_read(
    machine: Machine, entries: tuple[Raw, ...], read: Tree
) -> None:
    """What they wrote is odd, and does no harm."""
    assert read == read_tree(machine.store, raw_commit(machine.store, *entries))


# --- What is laid out ------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "left"),
    [
        ({"a": "/etc/passwd", "b": b"kept\n"}, ["b"]),
        ({"a": "../secret", "b": "a"}, ["b"]),
        ({"d/up": "..", "out": "d/up/../secret"}, ["d/up"]),
        ({"d/e/up": "../..", "out": "d/e/up/.."}, ["d/e/up"]),
        ({"config": ".git/config"}, []),
    ],
    ids=["absolute", "parent", "by another link", "by a deep link", "git's own"],
)
def test_links_out_are_not_laid_out(
    machine: Machine, tree: dict[str, str | bytes], left: list[str]
) -> None:
    """What runs in the folder can't be led elsewhere, neither to read nor to write."""
    write_folder(of(tree), machine.place)

    assert left == sorted(read_folder(machine.place))


def of(files: dict[str, str | bytes]) -> Tree:
    """Bytes are files, texts are links."""
    return {
        path: Entry.file(one) if isinstance(one, bytes) else Entry(FileMode.LINK, one.encode())
        for path, one in files.items()
    }


def test_links_out_are_refused_where_they_would_be_read(machine: Machine) -> None:
    """A template's file is what a link leads to."""
    with pytest.raises(UnsafeTreeError, match="has the link 'a', which leads out of it"):
        write_closed(of({"a": "/etc/passwd"}), machine.place, where="small@v1.0.0")

    assert not machine.place.exists()


@pytest.mark.parametrize(
    "paths",
    [
        ["../secret"],
        ["/dev/null/x"],
        ["a", "a/b"],
        [".git/config"],
        ["a\nb"],
        ["a/../../secret"],
        ["a//b"],
    ],
)
@pytest.mark.parametrize("way", ["folder", "commit", "change", "attributes"])
def test_hostile_paths_are_not_written(machine: Machine, paths: list[str], way: str) -> None:
    """Wherever a tree comes from: it may be a merge, a render, or what a task has left."""
    tree = {path: Entry.file(b"hostile\n") for path in paths}
    ways: dict[str, Callable[[], object]] = {
        "folder": lambda: write_folder(tree, machine.place),
        "commit": lambda: write_tree(machine.store, tree),
        "change": lambda: change_tree(machine.store, raw_commit(machine.store, file("x")), tree),
        "attributes": lambda: find_attribute("merge", "x", dict.fromkeys(paths, b"* merge=x\n")),
    }
    before = machine.outside()

    with pytest.raises(UnsafeTreeError):
        ways[way]()

    assert before == machine.outside()


@pytest.mark.parametrize(
    ("there", "path"), [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a"), ("a", "a/b/c")]
)
def test_a_change_makes_no_room_by_itself(machine: Machine, there: str, path: str) -> None:
    """A file in the place of a folder, or the reverse, is not dropped without a word."""
    commit = str(write_tree(machine.store, {there: Entry.file(b"the owner's\n")}))
    commit = commit_of(machine.store, pygit2.Oid(hex=commit))

    with pytest.raises(UnsafeTreeError):
        change_tree(machine.store, commit, {path: Entry.file(b"")})

    removed = {there: None, path: Entry.file(b"")}
    assert change_tree(machine.store, commit, removed)


def test_nothing_is_written_over_what_is_there(machine: Machine) -> None:
    """A link that somebody put there is not followed."""
    machine.place.mkdir()
    (machine.place / "a").symlink_to(machine.secrets[0])

    with pytest.raises(FileError, match="File exists"):
        write_folder(of({"a": b"hostile\n"}), machine.place)

    assert SECRET == machine.secrets[0].read_bytes()


def test_a_name_that_the_disk_does_not_take_is_told(machine: Machine) -> None:
    """As an error that names it."""
    with pytest.raises(FileError, match="File name too long"):
        write_folder(of({"x" * 300: b""}), machine.place)


# --- All of it, at random -----------------------------------------------------------

_NAMES = [
    "a", "b", "A", "a b", "secret", "con", "\u00fc", "u\u0308", ".gitignore", "..", ".", "",
    ".git", ".GIT", "git~1", ".git.", ".g\u200cit", ".gitmodules", "../secret", "../../secret",
    "a/b", "/", "//", "a\\b", "..\\secret", "a\nb", "\x1b[2J", "x" * 300,
]  # fmt: skip
_TARGETS = [
    "a", "b", "A", "secret", ".", "..", "../secret", "../../secret", "../../../secret", "a/..",
    "a/../../secret", "b/../..", "./..", "a/b", "/etc/passwd", "", ".git/config", "\n",
]  # fmt: skip
_FILES = [file(name, mode=mode) for name in _NAMES for mode in ("100644", "100755", "100664")]
_ODD = [file(name, mode=mode) for name in _NAMES[:4] for mode in ("60644", "10644", "40000")]
_LINKS = [link(name, target) for name in _NAMES for target in _TARGETS]
_HARMLESS = [*(file(name) for name in _NAMES[:8]), *(link("a", name) for name in _NAMES[:8])]
_FOLDERS = [(mode, name.encode()) for name in _NAMES for mode in ("40000", "040000", "40755")]


def _entries(below: st.SearchStrategy[tuple[Raw, ...]]) -> st.SearchStrategy[tuple[Raw, ...]]:
    """Up to four of them, sorted as git does."""
    leaves = st.one_of(*map(st.sampled_from, (_HARMLESS, _HARMLESS, _LINKS, [*_FILES, *_ODD])))
    folders = st.builds(lambda head, entries: (*head, entries), st.sampled_from(_FOLDERS), below)
    return st.lists(leaves | folders, max_size=4).map(lambda all_: tuple(sorted(all_, key=_order)))


def _order(entry: Raw) -> bytes:
    mode, name, _ = entry
    return name + b"/" if mode in {"40000", "040000", "40755"} else name


RAW_TREES = st.recursive(st.just(()), _entries, max_leaves=6)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """One machine for all examples, whose folder is cleared between them."""
    root = tmp_path_factory.mktemp("shared")
    return Machine(root / "machine", root / "store.git")


def test_nothing_outside_the_folder(shared: Machine) -> None:
    """Of 10,000 hostile trees, each is refused, or is laid out and leads nowhere else."""
    before = shared.outside()
    laid_out = 0  # lest none is

    @given(RAW_TREES)
    @settings(max_examples=10_000, deadline=None, database=None)
    def hold(entries: tuple[Raw, ...]) -> None:
        nonlocal laid_out
        try:
            write_folder(read_tree(shared.store, raw_commit(shared.store, *entries)), shared.place)
            laid_out += 1
        except (UnsafeTreeError, ForgeError):
            assert not shared.place.exists()
            return
        except FileError:
            pass  # the disk has a say, too
        assert before == shared.outside()
        assert SECRET not in shared.readable()
        for path in shared.place.rglob("*"):
            inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(shared.place))
            assert inside, path
        shutil.rmtree(shared.place)

    hold()
    assert laid_out > 100
