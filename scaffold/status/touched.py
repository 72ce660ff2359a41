"""Which commit last changed a file, and which versions the answers file has recorded before."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pygit2
from pygit2.enums import FileMode

from scaffold.chain.commits import CommitNote, note
from scaffold.errors import AnswersFileError
from scaffold.git.tree import Entry
from scaffold.render.answers_file import AnswersFile, read_answers_file

_FARTHEST = 5000  # commits; what is older is told without who changed it
_NO_PAGES = "local"  # the kind of forge: no page of the commit is told


@dataclass(frozen=True)
class Touched:
    """What the first-parent history of a repo tells of some paths.

    `last` has the newest commit that changed each, `had` those that were there at some time,
    `recorded` the answers files before the present one, newest first. It is not `whole` where older
    commits are missing.
    """

    last: dict[str, CommitNote] = field(default_factory=dict)
    had: set[str] = field(default_factory=set)
    recorded: list[AnswersFile] = field(default_factory=list)
    whole: bool = True


def touched(
    store: pygit2.Repository, head: str, paths: Collection[str], answers_path: str, folder: str
) -> Touched:
    """Look for the last changes of paths, which are relative to the folder of a project."""
    prefix = f"{folder}/" if folder else ""
    places = {path: prefix + path for path in (*paths, answers_path)}
    commits = list(_first_parents(store, head))
    seen = Touched(whole=not commits[-1].parent_ids or len(commits) == _FARTHEST)
    trees = [{path: _at(commit, place) for path, place in places.items()} for commit in commits]
    for commit, now, before in zip(commits, trees, [*trees[1:], None], strict=True):
        for path, item in now.items():
            if item is not None:
                seen.had.add(path)
            changed = item is not None if before is None else item != before[path]
            if changed and path not in seen.last and (before is not None or seen.whole):
                seen.last[path] = note(commit, _NO_PAGES, "")
    known = [tree[answers_path] for tree in trees]
    for item in dict.fromkeys(known):
        if item is not None and item != known[0] and (read := _read(store, item, answers_path)):
            seen.recorded.append(read)
    return seen


def _first_parents(store: pygit2.Repository, head: str) -> Iterator[pygit2.Commit]:
    """The commits of main, newest first, as far as they are at hand."""
    following: Any = head
    for _ in range(_FARTHEST):
        commit = store[following].peel(pygit2.Commit)
        yield commit
        if not commit.parent_ids or commit.parent_ids[0] not in store:
            return
        following = commit.parent_ids[0]


def _at(commit: pygit2.Commit, place: str) -> tuple[str, int] | None:
    """The id and the mode of what a commit has at a path."""
    tree = commit.tree
    return (str(tree[place].id), int(tree[place].filemode)) if place in tree else None


def _read(store: pygit2.Repository, item: tuple[str, int], path: str) -> AnswersFile | None:
    """An earlier answers file; one that was broken tells nothing."""
    found = store[item[0]]
    if not isinstance(found, pygit2.Blob):
        return None
    try:
        return read_answers_file(path, Entry(FileMode(item[1]), found.data))
    except AnswersFileError:
        return None
