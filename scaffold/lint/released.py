"""The last release of a blueprint, to compare its working tree with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2
from packaging.version import Version

from scaffold.errors import RenderError
from scaffold.git.folders import write_closed
from scaffold.git.tree import Tree, open_repo, read_tree
from scaffold.render.copying import make_worker
from scaffold.render.source import TemplateVersion, newest, parse_version, versions


@dataclass(frozen=True)
class Release:
    """The newest version at or behind the head: its tag, files, questions and settings."""

    tag: str
    version: Version
    tree: Tree
    questions: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]


def last_release(folder: Path, scratch: Path) -> Release | None:
    """The last release of the repo at a folder.

    None where there is no repo, no release, or only one that copier can't read.
    """
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
    place = scratch / "release"
    tree = read_tree(repo, tags[tag], where=tag)
    write_closed(tree, place, where=tag)
    try:
        template = make_worker(TemplateVersion(tag, tag, tags[tag], place), {}, place).template
    except RenderError:
        return None
    version = parse_version(tag)
    if version is None:
        raise TypeError("`versions` lists none that is no version")
    return Release(tag, version, tree, template.questions_data, template.config_data)
