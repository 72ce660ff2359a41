"""What a branch changes, as a person reads it."""

from scaffold.git import program
from scaffold.git.store import open_mirror
from scaffold.git.tree import find_ref
from scaffold.git.verified import verified_tree

_OPTIONS = ("--patch", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv")


def branch_diff(url: str, branch: str, target: str) -> str | None:
    """The unified diff of a branch since it left `target`; None where one of them is not there.

    Raises ForgeError, UnsafeTreeError.
    """
    folder, store = open_mirror(url)
    heads = [find_ref(store, f"refs/heads/{name}") for name in (target, branch)]
    before, after = (ref.target if ref else None for ref in heads)
    if before is None or after is None:
        return None
    for commit in (before, after):
        verified_tree(store, str(commit), url)
    since = store.merge_base(before, after) or before
    return program.git("diff-tree", *_OPTIONS, str(since), str(after), cwd=folder).text
