"""`scaffold upgrade --resolve`: open the conflicts of a draft's branch for `git mergetool`.

The branch's commit has the owner's side as its first parent, the blueprint's as its second, and
the base as the parent of that one. From these the three stages of each conflict are put into the
index, as a merge of git's own would have left them.
"""

from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.errors import UsageError
from scaffold.git import transport
from scaffold.git.tree import CommitTree, Entry, open_repo
from scaffold.upgrade.history import read_branch

_MARKERS = (b"<<<<<<< yours: ", b"\n<<<<<<< yours: ")


@dataclass(frozen=True)
class _Sides:
    """The three commits that a draft was made from."""

    base: CommitTree
    ours: CommitTree
    theirs: CommitTree


def open_conflicts(folder: Path) -> tuple[str, ...]:
    """Put the three sides of each conflict into the index; return the paths.

    Raises UsageError where the checkout is not that of a draft with conflicts, or has changes.
    """
    top = transport.top_folder(folder)
    if top is None:
        raise UsageError("is in no git repo", where=str(folder))
    if transport.git("status", "--porcelain", "--untracked-files=no", cwd=top).text:
        raise UsageError(
            "has changes that are not committed",
            where=str(top),
            hint="Commit or stash them first.",
        )
    store = open_repo(top / ".git") if (top / ".git").is_dir() else pygit2.Repository(str(top))
    head = str(store.head.target)
    sides = _sides(store, head, top)
    here = CommitTree(store, head)
    paths = tuple(path for path in sides.theirs if path in here and _has_markers(here[path]))
    if not paths:
        raise UsageError("no file here has conflict markers in it", where=str(top))
    for path in paths:
        _unmerge(store, path, sides)
    return paths


def _sides(store: pygit2.Repository, head: str, top: Path) -> _Sides:
    commit = store[head].peel(pygit2.Commit)
    told = read_branch(store, head)
    if not told.version or len(commit.parents) != 2 or len(commit.parents[1].parents) != 1:
        raise UsageError(
            "is no checkout of an upgrade's draft",
            where=str(top),
            hint="Check out the branch of the merge request: git switch scaffold/<template>",
        )
    ours, theirs = commit.parents
    return _Sides(
        CommitTree(store, str(theirs.parents[0].id)),
        CommitTree(store, str(ours.id)),
        CommitTree(store, str(theirs.id)),
    )


def _has_markers(entry: Entry) -> bool:
    return entry.data.startswith(_MARKERS[0]) or _MARKERS[1] in entry.data


def _unmerge(store: pygit2.Repository, path: str, sides: _Sides) -> None:
    """Stages 1, 2 and 3 are base, ours and theirs; a side without the path has no stage."""
    lines = []
    for stage, tree in ((1, sides.base), (2, sides.ours), (3, sides.theirs)):
        if path in tree:
            entry = tree[path]
            blob = store.create_blob(entry.data)
            lines.append(f"{entry.mode:o} {blob} {stage}\t{path}\n")
    removal = f"0 {'0' * 40}\t{path}\n"
    transport.git(
        "update-index", "--index-info", cwd=Path(store.workdir or "."),
        stdin=(removal + "".join(lines)).encode(),
    )  # fmt: skip
