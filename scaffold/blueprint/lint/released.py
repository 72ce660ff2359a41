"""The last release of a blueprint, that its working tree is compared with."""

from dataclasses import dataclass
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.blueprint.source import newest, parse_version, versions
from scaffold.git.tree import Tree, open_repo, read_tree


@dataclass(frozen=True)
class Release:
    """The newest tag at or behind the head, what version it is, and its files."""

    tag: str
    version: Version
    tree: Tree


def last_release(folder: Path) -> Release | None:
    """The last release of the repo at a folder; None where there is no repo or no release."""
    try:
        repo = open_repo(folder)
    except pygit2.GitError:
        return None
    if repo.head_is_unborn:
        return None
    head = repo.head.peel(pygit2.Commit).id
    tags = {
        tag: commit
        for tag, commit in versions(repo).items()
        if commit == str(head) or repo.descendant_of(head, pygit2.Oid(hex=commit))
    }
    if not tags:
        return None
    tag = newest(tags)
    version = parse_version(tag)
    return None if version is None else Release(tag, version, read_tree(repo, tags[tag]))
