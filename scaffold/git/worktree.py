"""What a commit of all that lies in a folder would hold, committed or not."""

from pathlib import Path

from scaffold.git import transport
from scaffold.git.tree import Tree, read_folder


def read_worktree(folder: Path) -> Tree:
    """The files below a folder as they lie there; what git ignores is left out, where git knows."""
    tree = read_folder(folder)
    done = transport.git(
        "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=folder, check=False
    )
    if done.status != 0:  # in no repo
        return tree
    known = set(done.stdout.decode("utf-8", "surrogateescape").split("\0"))
    return {path: entry for path, entry in tree.items() if path in known}
