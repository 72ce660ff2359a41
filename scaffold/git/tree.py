"""Trees as values, and commits made of them."""

import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import FileMode


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
        if path.is_symlink():
            tree[relative.as_posix()] = Entry(FileMode.LINK, str(path.readlink()).encode())
        elif path.is_file():
            executable = path.stat().st_mode & stat.S_IXUSR
            mode = FileMode.BLOB_EXECUTABLE if executable else FileMode.BLOB
            tree[relative.as_posix()] = Entry(mode, path.read_bytes())
    return tree


def write_folder(tree: Mapping[str, Entry], folder: Path) -> None:
    """Lay a tree out as files below `folder`."""
    for name, entry in tree.items():
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
    return pygit2.Repository(str(folder))


def write_tree(repo: pygit2.Repository, tree: Mapping[str, Entry]) -> pygit2.Oid:
    """Store a tree in a repo and return its id."""
    index = pygit2.Index()
    for path, entry in tree.items():
        index.add(pygit2.IndexEntry(path, repo.create_blob(entry.data), FileMode(entry.mode)))
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


def make_commit(
    repo: pygit2.Repository,
    tree: Mapping[str, Entry],
    message: str,
    identity: Identity,
    parents: Sequence[str] = (),
) -> str:
    """Store a commit of a whole tree and return its id; no branch moves."""
    signature = pygit2.Signature(identity.name, identity.email)
    oid = repo.create_commit(
        None, signature, signature, message, write_tree(repo, tree),
        [pygit2.Oid(hex=parent) for parent in parents],
    )  # fmt: skip
    return str(oid)


def trailers(message: str) -> dict[str, str]:
    """The `Key: value` lines of a commit message's last paragraph."""
    last = message.strip().rsplit("\n\n", 1)[-1]
    pairs = (line.partition(": ") for line in last.splitlines())
    return {key: value.strip() for key, colon, value in pairs if colon and " " not in key}
