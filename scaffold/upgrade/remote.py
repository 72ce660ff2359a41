"""A repo of the fleet at hand: a local one in place, of any other what an upgrade needs of it."""

from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.config.urls import local_folder
from scaffold.forge.api import Forge
from scaffold.git import store
from scaffold.git.tree import open_repo
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.upgrade.job import RepoTarget
from scaffold.upgrade.plan import Project

# As many commits are fetched at first: the last upgrade is seldom further back.
_DEPTH = 200


@dataclass(frozen=True)
class Remote:
    """Where a repo is at hand, the head of its default branch, and where branches are pushed to.

    `forge` is None for a repo that is on none.
    """

    folder: Path
    url: str
    name: str
    branch: str
    head: str
    forge: Forge | None = None

    def project(self, folder: str = "", answers_path: str = DEFAULT_NAME) -> Project:
        """One template's part of it."""
        return Project(
            open_repo(self.folder),
            self.head,
            self.name,
            folder,
            answers_path,
            self.branch,
            self._deepened,
        )

    def checkout(self, folder: str = "") -> Path | None:
        """The place of a folder of it that is checked out on this machine."""
        place = local_folder(self.url)
        if place is None or place.suffix == ".git" or not (place / ".git").exists():
            return None
        return place / folder

    def _deepened(self) -> pygit2.Repository | None:
        deeper = store.deepen(self.folder, self.url, self.branch)
        return open_repo(self.folder) if deeper else None


def open_remote(repo: RepoTarget, scratch: Path, forge: Forge | None) -> Remote:
    """Have the default branch of a repo at hand, in a new repo below `scratch` if it is not local.

    A local one is worked on in place: objects that no branch has do it no harm. Raises ForgeError.
    """
    place = scratch / "repos" / repo.name
    folder, head, branch = store.open_recent(repo.url, place, _DEPTH)
    return Remote(folder, repo.url, repo.name, branch, head, forge)
