"""Trees as no git would write them, byte by byte: what somebody can push all the same."""

from pathlib import Path

import pygit2
from pygit2.enums import ObjectType

from scaffold.git.tree import open_repo

Raw = tuple[str, bytes, "Content"]
"""One entry: the mode as it is written, the name, and what is there."""

Content = bytes | tuple[Raw, ...]
"""The bytes of a file or link, or the entries of a folder, in the order that they stand in."""


def file(name: str, data: bytes = b"hostile\n", mode: str = "100644") -> Raw:
    """An entry of a file."""
    return mode, name.encode(), data


def link(name: str, target: str) -> Raw:
    """An entry of a link."""
    return "120000", name.encode(), target.encode()


def folder(name: str, *entries: Raw, mode: str = "40000") -> Raw:
    """An entry of a folder."""
    return mode, name.encode(), entries


def raw_tree(repo: pygit2.Repository, entries: tuple[Raw, ...]) -> pygit2.Oid:
    """Store a tree object of just these entries."""
    return repo.odb.write(ObjectType.TREE, b"".join(_entry(repo, entry) for entry in entries))


def raw_commit(repo: pygit2.Repository, *entries: Raw, parents: tuple[str, ...] = ()) -> str:
    """Store a commit of such a tree."""
    return commit_of(repo, raw_tree(repo, entries), parents)


def commit_of(repo: pygit2.Repository, tree: pygit2.Oid, parents: tuple[str, ...] = ()) -> str:
    """Store a commit of a tree that no library would make one of."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"{who} Somebody <somebody@example.com> 0 +0000" for who in ("author", "committer")]
    return str(repo.odb.write(ObjectType.COMMIT, "\n".join([*lines, "", "Change\n"]).encode()))


def _order(entry: bytes) -> bytes:
    """As git sorts them."""
    mode, _, rest = entry.partition(b" ")
    name = rest.partition(b"\0")[0]
    return name + b"/" if mode == b"40000" else name


def _entry(repo: pygit2.Repository, entry: Raw) -> bytes:
    mode, name, content = entry
    return b"%s %s\0%s" % (mode.encode(), name, _stored(repo, content).raw)


def _stored(repo: pygit2.Repository, content: Content) -> pygit2.Oid:
    if isinstance(content, bytes):
        return repo.create_blob(content)
    return raw_tree(repo, content)


def push(repo: Path, entry: Raw, *, ref: str = "refs/heads/main") -> str:
    """Put an entry among those at the head of a branch, in a commit on top of it."""
    store = open_repo(repo)
    head = store.references[ref].peel(pygit2.Commit)
    there = [(b"%o %s\0%s" % (one.filemode, one.raw_name, one.id.raw)) for one in head.tree]
    raw = sorted([*there, _entry(store, entry)], key=_order)
    commit = commit_of(store, store.odb.write(ObjectType.TREE, b"".join(raw)), (str(head.id),))
    store.references.create(ref, pygit2.Oid(hex=commit), force=True)
    return commit
