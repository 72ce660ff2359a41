"""Trees as values: what is written to a folder or to a commit is what is read back."""

import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygit2.enums import FileMode

from scaffold.errors import UnreadableError, UnsafeTreeError
from scaffold.git.folders import read_folder, write_folder
from scaffold.git.tree import (
    Entry,
    Identity,
    Tree,
    find_ref,
    init_bare,
    make_commit,
    open_repo,
    read_tree,
    trailers,
)
from tests.builders import git, write_files

TEST = Identity("Test", "test@example.com")
# What may stand in a path: no separator, no control character, none of git's own names.
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\\x7f"),
    min_size=1,
    max_size=12,
).filter(lambda name: name not in {".", ".."} and "git" not in name.lower())
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = NAMES.map(lambda name: f"./{name}")
ENTRIES = st.one_of(
    st.builds(Entry, st.sampled_from([FileMode.BLOB, FileMode.BLOB_EXECUTABLE]), st.binary()),
    st.builds(Entry, st.just(FileMode.LINK), TARGETS.map(str.encode)),
)


def without_files_as_folders(tree: Tree) -> Tree:
    """The tree without the paths that have another of its paths as a folder."""
    return {
        path: entry
        for path, entry in tree.items()
        if not any(str(above) in tree for above in PurePosixPath(path).parents)
    }


TREES = st.dictionaries(PATHS, ENTRIES, max_size=8).map(without_files_as_folders)


@given(TREES)
@settings(deadline=None)
def test_a_folder_reads_back(tree: Tree) -> None:
    """Modes, links that dangle, empty files, any names and bytes survive a folder."""
    with tempfile.TemporaryDirectory() as parent:
        write_folder(tree, Path(parent))

        assert tree == read_folder(Path(parent))


@given(TREES)
@settings(deadline=None)
def test_a_commit_reads_back(tree: Tree) -> None:
    """And they survive a commit."""
    with tempfile.TemporaryDirectory() as parent:
        store = init_bare(Path(parent) / "store.git")

        assert tree == read_tree(store, make_commit(store, tree, "Add", TEST))


def test_git_lays_out_the_same(tmp_path: Path) -> None:
    """What the git program checks out of our commit is what write_folder lays out."""
    tree = {
        "bin/run": Entry(FileMode.BLOB_EXECUTABLE, b"#!/bin/sh\n"),
        "bin/start": Entry(FileMode.LINK, b"run"),
        "dangling": Entry(FileMode.LINK, b"not/there"),
        "empty": Entry.file(b""),
        "gr\u00fc\u00dfe/\u4f60\u597d.txt": Entry.file("\u4f60\u597d\n".encode()),
        "picture.bin": Entry.file(bytes(range(256))),
        "windows.txt": Entry.file(b"one\r\ntwo\r\n"),
    }
    store = init_bare(tmp_path / "store.git")
    commit = make_commit(store, tree, "Add", TEST)
    store.references.create("refs/heads/main", commit)

    git("clone", "-q", store.path, "checkout", cwd=tmp_path)

    assert tree == read_folder(tmp_path / "checkout")


def test_what_git_commits_is_read(tmp_path: Path) -> None:
    """A commit by the git program is read with its modes; a submodule, with no bytes, is not."""
    write_files(tmp_path, {"a/run": "#!/bin/sh\n", "a/link": Path("run"), "b": "text\n"})
    git("init", "-q", cwd=tmp_path)
    git("add", "-A", cwd=tmp_path)
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor", cwd=tmp_path)
    git("commit", "-q", "-m", "Add", cwd=tmp_path)

    assert {
        "a/link": Entry(FileMode.LINK, b"run"),
        "a/run": Entry(FileMode.BLOB_EXECUTABLE, b"#!/bin/sh\n"),
        "b": Entry(FileMode.BLOB, b"text\n"),
    } == read_tree(open_repo(tmp_path), "HEAD")


def test_gits_own_folder_is_not_read(tmp_path: Path) -> None:
    """The folder of a checkout has its files only."""
    git("init", "-q", cwd=tmp_path)
    write_files(tmp_path, {".gitignore": "*\n"})

    assert [".gitignore"] == list(read_folder(tmp_path))


def test_a_link_to_a_folder_is_one_link(tmp_path: Path) -> None:
    """Links are never followed, so that no file is read twice, and a loop ends."""
    write_files(tmp_path, {"real/file": "text\n", "real/loop": Path(".."), "link": Path("real")})

    assert ["link", "real/file", "real/loop"] == sorted(read_folder(tmp_path))


def test_a_commit_has_its_parents_author_and_message(tmp_path: Path) -> None:
    """The commit says who made it, of what, and why; no branch moves by it."""
    store = init_bare(tmp_path / "store.git")
    first = make_commit(store, {}, "First", TEST)

    second = make_commit(
        store, {}, "Gr\u00fc\u00dfe\n\nwhy\n", Identity("J\u00f6", "j@x.org"), [first]
    )

    shown = git("show", "-s", "--format=%P|%an|%ce|%B", second, cwd=Path(store.path))
    assert f"{first}|J\u00f6|j@x.org|Gr\u00fc\u00dfe\n\nwhy" == shown
    assert [] == list(store.references)


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", ".git/hooks/post-checkout", "a/.GIT/config", "git~1/config"]
)
def test_a_path_that_would_do_harm_is_refused(tmp_path: Path, path: str) -> None:
    """No commit has a path that leaves the tree, or that lies in git's own folder."""
    store = init_bare(tmp_path / "store.git")

    with pytest.raises(UnsafeTreeError):
        make_commit(store, {path: Entry.file(b"x")}, "Add", TEST)


@pytest.mark.parametrize(
    "message",
    [
        "Register payments\n\nScaffold-Service: payments\n",
        "Register payments\n\nWhy: not\n\nScaffold-Service: payments\nSigned-off-by: A <a@b.c>\n",
        "Register payments\n\nScaffold-Service: payments\n\nThe end of it.\n",
        "Register payments\n",
        "Scaffold-Service: payments\n",
        "",
    ],
)
def test_trailers_are_those_that_git_sees(tmp_path: Path, message: str) -> None:
    """The git program takes the same lines of a message for trailers."""
    file = tmp_path / "message"
    file.write_text(message)

    said = git("interpret-trailers", "--parse", str(file), cwd=tmp_path)

    assert dict(line.split(": ", 1) for line in said.splitlines()) == trailers(message)


def test_a_format_that_libgit2_does_not_read_is_named(tmp_path: Path) -> None:
    """Git's coming default is told as what it is, with what to do."""
    git("init", "-q", "--object-format=sha256", str(tmp_path), cwd=tmp_path)

    with pytest.raises(
        UnreadableError, match="can't read: unknown object format 'sha256'"
    ) as caught:
        open_repo(tmp_path)

    assert "git init --object-format=sha1" in caught.value.hint


@pytest.mark.parametrize("name", ["refs/tags/none", f"refs/tags/{'x' * 5000}", "refs/tags/a b"])
def test_a_ref_that_can_not_be_is_none(tmp_path: Path, name: str) -> None:
    """Whatever somebody has written into an answers file."""
    assert find_ref(init_bare(tmp_path / "repo.git"), name) is None
