"""Trees as values, and commits made of them.

Every path is checked before it is read from a commit or written to one.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import FileMode, RepositoryOpenFlag

from scaffold.errors import UnreadableError
from scaffold.git.disk import writing
from scaffold.git.paths import refusal, verify_path, verify_paths
from scaffold.git.verified import damaged, verified_tree

# libgit2's messages about formats that it does not support.
_UNREADABLE = re.compile(r"unknown object format '\w+'|unsupported extension name [\w.]+")


@dataclass(frozen=True)
class Entry:
    """One file of a tree: git's mode, and the bytes (of a link: where it points)."""

    mode: int
    data: bytes

    @classmethod
    def file(cls, data: bytes) -> "Entry":
        """An ordinary file."""
        return cls(FileMode.BLOB, data)


Tree = dict[str, Entry]


def text_of(data: bytes) -> str | None:
    """The text of a file in UTF-8; None of a binary one, and of another encoding."""
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True)
class Identity:
    """Who makes a commit."""

    name: str
    email: str


def init_bare(folder: Path) -> pygit2.Repository:
    """Make an empty bare repo whose default branch is main, without the user's template folder.

    Raises FileError.
    """
    empty = folder.parent / f".{folder.name}.template"
    empty.mkdir()
    try:
        with writing(folder):
            return pygit2.init_repository(
                str(folder), bare=True, initial_head="main", template_path=str(empty)
            )
    finally:
        shutil.rmtree(empty)


def open_repo(folder: Path) -> pygit2.Repository:
    """Open the repo at this folder. Raises GitError, UnreadableError."""
    try:
        return pygit2.Repository(str(folder), RepositoryOpenFlag.NO_SEARCH)
    except pygit2.GitError as error:
        if (match := _UNREADABLE.search(str(error))) is None:
            raise
        raise UnreadableError(
            f"is a repo of a kind that scaffold can't read: {match[0]}",
            where=str(folder),
            hint="libgit2 knows neither SHA-256 ids nor reftable yet. A repo with SHA-256 ids can"
            " only be upgraded; for all else use one that was made by"
            " `git init --object-format=sha1 --ref-format=files`.",
        ) from error


def find_ref(repo: pygit2.Repository, name: str) -> pygit2.Reference | None:
    """The ref of this name, which may come from user input, or None where there is none.

    pygit2 raises ValueError for a name longer than libgit2's limit of 1,024 bytes, which no ref can
    have: https://github.com/libgit2/libgit2/blob/main/include/git2/refs.h
    """
    try:
        return repo.references.get(name)
    except ValueError:
        return None


def write_tree(repo: pygit2.Repository, tree: Mapping[str, Entry]) -> pygit2.Oid:
    """Store a tree in a repo and return its id. Raises UnsafeTreeError, FileError."""
    verify_paths(tree)
    index = pygit2.Index()
    with writing(repo.path):
        for path, entry in tree.items():
            index.add(_index_entry(repo, path, entry))
        return index.write_tree(repo)


def read_tree(repo: pygit2.Repository, commit: str, where: str = "") -> Tree:
    """All files of a commit; submodules are left out, since they hold no bytes here.

    `where` says whose it is. Raises UnsafeTreeError, ForgeError.
    """
    whole = CommitTree(repo, commit, where=where)
    return {path: entry for path, entry in whole.items() if entry.mode != FileMode.COMMIT}


class CommitTree(Mapping[str, Entry]):
    """The files of a commit below a folder, whose content is read on access.

    Paths are relative to the folder. A submodule is an entry whose data is its commit's id. `where`
    says whose it is. Raises UnsafeTreeError; ForgeError where an object is missing.
    """

    def __init__(
        self, repo: pygit2.Repository, commit: str, folder: str = "", *, where: str = ""
    ) -> None:
        self._repo = repo
        self._where = where or f"commit {commit[:12]}"
        top: pygit2.Object | None = verified_tree(repo, commit, self._where)
        if isinstance(top, pygit2.Tree) and folder:
            top = top[folder] if folder in top else None  # noqa: SIM401 - no `get` there
        self._top = top if isinstance(top, pygit2.Tree) else None
        # git2 reads a folder again for each path below it: too slow for a thousand files in one.
        self._folders: dict[str, pygit2.Tree | None] = {"": self._top}

    def __getitem__(self, path: str) -> Entry:
        item = self._find(path)
        if item is None:
            raise KeyError(path)
        if not isinstance(item, pygit2.Blob):
            return Entry(FileMode.COMMIT, str(item.id).encode())
        try:
            return Entry(item.filemode, item.data)
        except (KeyError, pygit2.GitError) as error:
            raise damaged(self._repo, error, self._where) from error

    def __iter__(self) -> Iterator[str]:
        return iter(()) if self._top is None else _paths(self._top, "")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._find(path) is not None

    def _find(self, path: str) -> pygit2.Object | None:
        """The object at a path, unless it is a folder."""
        above, _, name = path.rpartition("/")
        if above not in self._folders:
            self._folders[above] = _folder_in(self._top, above)
        folder = self._folders[above]
        if not name or folder is None or name not in folder:
            return None
        item: pygit2.Object = folder[name]
        return None if isinstance(item, pygit2.Tree) else item


def _folder_in(tree: pygit2.Tree | None, path: str) -> pygit2.Tree | None:
    item = tree[path] if tree is not None and path in tree else None
    return item if isinstance(item, pygit2.Tree) else None


def _paths(folder: pygit2.Tree, prefix: str) -> Iterator[str]:
    for item in folder:
        path = f"{prefix}{item.name}"
        if isinstance(item, pygit2.Tree):
            yield from _paths(item, f"{path}/")
        else:
            yield path


def change_tree(
    repo: pygit2.Repository, commit: str, changes: Mapping[str, Entry | None], folder: str = ""
) -> str:
    """Store the tree of a commit with some files changed or (None) removed; return its id.

    Paths are relative to `folder`. What did not change is not read, so that the cost grows with
    the change alone. Raises FileError; UnsafeTreeError, also for a file where a folder is or the
    reverse.
    """
    index = pygit2.Index()
    before = verified_tree(repo, commit)
    index.read_tree(before)
    prefix = f"{folder}/" if folder else ""
    for path, entry in changes.items():
        if entry is None:
            index.remove(prefix + path)
    for path, entry in changes.items():
        if entry is not None:
            verify_path(prefix + path)
            _need_room(index, before, prefix + path)
            with writing(repo.path):
                index.add(_index_entry(repo, prefix + path, entry))
    with writing(repo.path):
        return str(index.write_tree(repo))


def _need_room(index: pygit2.Index, before: pygit2.Tree, path: str) -> None:
    """Raise UnsafeTreeError where the index would drop other files to make room for this one."""
    for end, letter in enumerate(path):
        if letter == "/" and path[:end] in index:
            raise refusal(path, f"lies below {path[:end]!r}, which is no folder", "")
    folder = path in before and isinstance(before[path], pygit2.Tree)
    if folder and any(entry.path.startswith(f"{path}/") for entry in index):
        raise refusal(path, "is that of a folder", "")


def _index_entry(repo: pygit2.Repository, path: str, entry: Entry) -> pygit2.IndexEntry:
    if entry.mode == FileMode.COMMIT:
        return pygit2.IndexEntry(path, pygit2.Oid(hex=entry.data.decode()), FileMode.COMMIT)
    return pygit2.IndexEntry(path, repo.create_blob(entry.data), FileMode(entry.mode))


def make_commit(
    repo: pygit2.Repository,
    tree: Mapping[str, Entry] | str,
    message: str,
    identity: Identity,
    parents: Sequence[str] = (),
) -> str:
    """Store a commit of a tree, or of a stored tree's id, and return its id; no branch moves.

    Raises UnsafeTreeError, FileError.
    """
    signature = pygit2.Signature(identity.name, identity.email)
    stored = pygit2.Oid(hex=tree) if isinstance(tree, str) else write_tree(repo, tree)
    with writing(repo.path):
        oid = repo.create_commit(
            None, signature, signature, message, stored,
            [pygit2.Oid(hex=parent) for parent in parents],
        )  # fmt: skip
    return str(oid)


def message_of(commit: pygit2.Commit) -> str:
    """A commit's message; bytes that are not UTF-8 are replaced."""
    return commit.raw_message.decode("utf-8", "replace")


def trailers(message: str) -> dict[str, str]:
    """The `Key: value` lines of a commit message's last paragraph."""
    _, blank, last = message.strip().rpartition("\n\n")
    if not blank:  # only a subject
        return {}
    pairs = (line.partition(": ") for line in last.splitlines())
    return {key: value.strip() for key, colon, value in pairs if colon and " " not in key}
