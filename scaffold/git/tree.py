"""Trees as values, and commits made of them."""

import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import FileMode, RepositoryOpenFlag


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


@dataclass(frozen=True)
class Identity:
    """Who makes a commit."""

    name: str
    email: str


def read_folder(folder: Path) -> Tree:
    """All files below a folder, git's own ones left out; paths have forward slashes."""
    tree: Tree = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] == ".git":
            continue
        if path.is_symlink() or path.is_file():
            tree[relative.as_posix()] = read_entry(path)
    return tree


def read_entry(path: Path) -> Entry:
    """A file or link as git has it."""
    if path.is_symlink():
        return Entry(FileMode.LINK, str(path.readlink()).encode())
    executable = path.stat().st_mode & stat.S_IXUSR
    mode = FileMode.BLOB_EXECUTABLE if executable else FileMode.BLOB
    return Entry(mode, path.read_bytes())


def write_folder(tree: Mapping[str, Entry], folder: Path) -> None:
    """Lay a tree out as files below `folder`; a submodule, which has no bytes here, is left out."""
    for name, entry in tree.items():
        if entry.mode == FileMode.COMMIT:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode == FileMode.LINK:
            path.symlink_to(entry.data.decode())
            continue
        path.write_bytes(entry.data)
        if entry.mode == FileMode.BLOB_EXECUTABLE:
            path.chmod(0o755)


def init_bare(folder: Path) -> pygit2.Repository:
    """Make an empty bare repo whose default branch is main, without the user's template folder."""
    empty = folder.parent / f".{folder.name}.template"
    empty.mkdir()
    try:
        return pygit2.init_repository(
            str(folder), bare=True, initial_head="main", template_path=str(empty)
        )
    finally:
        shutil.rmtree(empty)


def open_repo(folder: Path) -> pygit2.Repository:
    """Open the repo at this folder."""
    return pygit2.Repository(str(folder), RepositoryOpenFlag.NO_SEARCH)


def write_tree(repo: pygit2.Repository, tree: Mapping[str, Entry]) -> pygit2.Oid:
    """Store a tree in a repo and return its id."""
    index = pygit2.Index()
    for path, entry in tree.items():
        index.add(_index_entry(repo, path, entry))
    return index.write_tree(repo)


def read_tree(repo: pygit2.Repository, commit: str) -> Tree:
    """All files of a commit; submodules are left out, since they hold no bytes here."""
    tree: Tree = {}
    _read_into(tree, repo.revparse_single(f"{commit}^{{tree}}"), "")
    return tree


def _read_into(tree: Tree, folder: pygit2.Object, prefix: str) -> None:
    if not isinstance(folder, pygit2.Tree):
        return
    for item in folder:
        path = f"{prefix}{item.name}"
        if isinstance(item, pygit2.Tree):
            _read_into(tree, item, f"{path}/")
        elif isinstance(item, pygit2.Blob):
            tree[path] = Entry(item.filemode, item.data)


class CommitTree(Mapping[str, Entry]):
    """The files of a commit below a folder, whose bytes are read when they are asked for.

    Paths are relative to the folder. A submodule is an entry whose data is its commit's id.
    Nothing is listed before it is asked for, however much there is.
    """

    def __init__(self, repo: pygit2.Repository, commit: str, folder: str = "") -> None:
        top: object = repo.revparse_single(f"{commit}^{{tree}}")
        if isinstance(top, pygit2.Tree) and folder:
            top = top[folder] if folder in top else None  # noqa: SIM401 - no `get` there
        self._top = top if isinstance(top, pygit2.Tree) else None

    def __getitem__(self, path: str) -> Entry:
        item = self._find(path)
        if item is None:
            raise KeyError(path)
        if isinstance(item, pygit2.Blob):
            return Entry(item.filemode, item.data)
        return Entry(FileMode.COMMIT, str(item.id).encode())

    def __iter__(self) -> Iterator[str]:
        return iter(()) if self._top is None else _paths(self._top, "")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._find(path) is not None

    def _find(self, path: str) -> pygit2.Object | None:
        """What is there but a folder."""
        if self._top is None or path not in self._top:
            return None
        item: pygit2.Object = self._top[path]
        return None if isinstance(item, pygit2.Tree) else item


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
    the change alone.
    """
    index = pygit2.Index()
    index.read_tree(repo[commit].peel(pygit2.Tree))
    prefix = f"{folder}/" if folder else ""
    for path, entry in changes.items():
        if entry is None:
            index.remove(prefix + path)
    for path, entry in changes.items():
        if entry is not None:
            index.add(_index_entry(repo, prefix + path, entry))
    return str(index.write_tree(repo))


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
    """Store a commit of a tree, or of a stored tree's id, and return its id; no branch moves."""
    signature = pygit2.Signature(identity.name, identity.email)
    stored = pygit2.Oid(hex=tree) if isinstance(tree, str) else write_tree(repo, tree)
    oid = repo.create_commit(
        None, signature, signature, message, stored,
        [pygit2.Oid(hex=parent) for parent in parents],
    )  # fmt: skip
    return str(oid)


def trailers(message: str) -> dict[str, str]:
    """The `Key: value` lines of a commit message's last paragraph."""
    _, blank, last = message.strip().rpartition("\n\n")
    if not blank:  # a subject alone, whatever it looks like
        return {}
    pairs = (line.partition(": ") for line in last.splitlines())
    return {key: value.strip() for key, colon, value in pairs if colon and " " not in key}
