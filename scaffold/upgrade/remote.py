"""A repo of the fleet at hand: a local one in place, of any other what an upgrade needs of it."""

from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.config.urls import local_folder
from scaffold.errors import ForgeError
from scaffold.forge.api import Forge
from scaffold.git import branches, clones
from scaffold.git.tree import init_bare, open_repo
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
        store = open_repo(self.folder)
        return Project(
            store, self.head, self.name, folder, answers_path, self.branch, self._deepened
        )

    def checkout(self, folder: str = "") -> Path | None:
        """The place of a folder of it that is checked out on this machine."""
        place = local_folder(self.url)
        if place is None or place.suffix == ".git" or not (place / ".git").exists():
            return None
        return place / folder

    def _deepened(self) -> pygit2.Repository | None:
        if local_folder(self.url) is not None or not open_repo(self.folder).is_shallow:
            return None
        clones.fetch(self.folder, self.url, f"refs/heads/{self.branch}", "--unshallow")
        return open_repo(self.folder)


def open_remote(repo: RepoTarget, scratch: Path, forge: Forge | None) -> Remote:
    """Have the default branch of a repo at hand, in a new repo below `scratch` if it is not local.

    A local one is worked on in place: objects that no branch has do it no harm. Raises ForgeError.
    """
    folder = local_folder(repo.url)
    if folder is None:
        return _fetched(repo, scratch / "repos" / repo.name, forge)
    if not folder.exists():
        raise ForgeError("there is no repo here", where=repo.url, hint="Was it moved or removed?")
    if (folder / ".git").is_dir():
        folder = folder / ".git"
    head, branch = branches.default_head(repo.url)
    if head not in open_repo(folder):
        clones.fetch(folder, repo.url, f"refs/heads/{branch}")
    return Remote(folder, repo.url, repo.name, branch, head, forge)


def _fetched(repo: RepoTarget, folder: Path, forge: Forge | None) -> Remote:
    head, branch = branches.default_head(repo.url)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        init_bare(folder)
    if head not in open_repo(folder):
        clones.fetch(folder, repo.url, f"refs/heads/{branch}", f"--depth={_DEPTH}")
    return Remote(folder, repo.url, repo.name, branch, head, forge)
