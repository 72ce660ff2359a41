"""Real commits, for the forges that have a real git: the life of a repo pushes them."""

from pathlib import Path

from scaffold.git import branches
from scaffold.git.tree import Entry, Identity, init_bare, make_commit

_WHO = Identity("Dev", "dev@example.com")


class Commits:
    """A repo with `main`, and two on top of it that are not in conflict with each other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = init_bare(folder)
        self.main = self._commit("main")
        self.work, self.other = self._commit("work", self.main), self._commit("other", self.main)

    def push(self, url: str, branch: str, commit: str) -> None:
        """Move a branch of the repo at a URL."""
        there = branches.remote_head(url, branch)
        branches.push(self._folder, url, commit, branch, expect=there)

    def _commit(self, name: str, *parents: str) -> str:
        tree = {"main": Entry.file(b"1"), name: Entry.file(b"1")}
        return make_commit(self._store, tree, f"Add {name}", _WHO, parents)
