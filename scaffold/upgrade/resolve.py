"""`scaffold upgrade --resolve`: open the conflicts of a draft's branch for `git mergetool`.

The branch's commit has the owner's side as its first parent, the blueprint's as its second, and the
base as the parent of that one. From these the three stages of each conflict are put into the index,
as `git merge` would have left them.
"""

from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.errors import UsageError
from scaffold.git import program
from scaffold.git.paths import verify_path
from scaffold.git.tree import CommitTree, message_of, open_repo
from scaffold.merge.conflicts import Sides, recorded_conflicts


@dataclass(frozen=True)
class _Trees:
    """The three commits that a draft was made from."""

    base: CommitTree
    ours: CommitTree
    theirs: CommitTree


def open_conflicts(folder: Path) -> tuple[str, ...]:
    """Put the three sides of each conflict into the index; return the paths.

    Where that was done before, return the conflicts that are left; a file that was added to the
    index since is settled. Raises UsageError where the checkout is not that of a draft with
    conflicts, or has changes that are not in the index.
    """
    top = program.top_folder(folder)
    if top is None:
        raise UsageError(
            "is in no git repo", where=str(folder), hint="Run it in a checkout of the draft."
        )
    store = open_repo(top / ".git") if (top / ".git").is_dir() else pygit2.Repository(str(top))
    head = store[store.head.target].peel(pygit2.Commit)
    trees = _trees(store, head, top)
    unmerged = program.git("diff", "--name-only", "--diff-filter=U", "-z", cwd=top).text
    if unmerged:
        return tuple(unmerged.rstrip("\0").split("\0"))
    if program.git("diff", "--name-only", cwd=top).text:
        raise UsageError(
            "has changes that are not in the index",
            where=str(top),
            hint="`git add` what is settled, commit or stash the rest, then run this again.",
        )
    settled = program.git("diff", "--cached", "--name-only", "-z", cwd=top).text.split("\0")
    recorded = recorded_conflicts(message_of(head))
    conflicts = [conflict for conflict in recorded if conflict.path not in settled]
    for conflict in conflicts:
        _unmerge(store, conflict, trees)
    return tuple(conflict.path for conflict in conflicts)


def is_pushed_somewhere(folder: Path) -> bool:
    """Whether the branch that is checked out exists on a remote."""
    branch = program.git("branch", "--show-current", cwd=folder).text.strip()
    key = f"branch.{branch}.remote"
    return program.git("config", key, cwd=folder, check=False).status == 0


def _trees(store: pygit2.Repository, head: pygit2.Commit, top: Path) -> _Trees:
    sides = head.parents
    is_draft = len(sides) == 2 and sides[1].parents
    if not (is_draft and any(recorded_conflicts(message_of(head)))):
        raise UsageError(
            "is no checkout of an upgrade's draft",
            where=str(top),
            hint="Check out the branch of the merge request: git switch scaffold/<template>",
        )
    ours, theirs = sides
    return _Trees(
        CommitTree(store, str(theirs.parents[0].id)),
        CommitTree(store, str(ours.id)),
        CommitTree(store, str(theirs.id)),
    )


def _unmerge(store: pygit2.Repository, conflict: Sides, trees: _Trees) -> None:
    """Write the stages: 1, 2 and 3 are base, ours and theirs; a missing side has no stage.

    The owner's file is at its present path or, where the blueprint moved it, at that of the base.
    """
    verify_path(conflict.path)  # the message may be anybody's
    mine = conflict.path if conflict.path in trees.ours else conflict.base
    places = ((trees.base, conflict.base), (trees.ours, mine), (trees.theirs, conflict.theirs))
    lines = [f"0 {'0' * 40}\t{conflict.path}\0"]
    for stage, (tree, path) in enumerate(places, start=1):
        if path in tree:
            entry = tree[path]
            blob = store.create_blob(entry.data)
            lines.append(f"{entry.mode:o} {blob} {stage}\t{conflict.path}\0")
    folder = Path(store.workdir or ".")
    text = "".join(lines).encode("utf-8", "surrogateescape")
    program.git("update-index", "-z", "--index-info", cwd=folder, stdin=text)
