"""A repo of the fleet: a local one in place, of others the history that an upgrade needs."""

from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.config.urls import local_folder
from scaffold.forge.api import Forge
from scaffold.git import branches, store
from scaffold.git.tree import open_repo
from scaffold.git.twin import Twin
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.upgrade.job import RepoTarget
from scaffold.upgrade.plan import Project

# Commits to fetch at first: the last upgrade is seldom further back.
_DEPTH = 200
_OURS = "scaffold/*"  # the branches of upgrades


@dataclass(frozen=True)
class Remote:
    """A repo, the head of its default branch, and the URL that branches are read from.

    `forge` is None for a repo that is not on a forge. A repo with SHA-256 ids is represented by its
    `twin`, whose URL this has then.
    """

    folder: Path
    url: str
    name: str
    branch: str
    head: str
    forge: Forge | None = None
    twin: Twin | None = None

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
        """The folder of a local checkout, or None."""
        place = local_folder(self.twin.url if self.twin else self.url)
        if place is None or place.suffix == ".git" or not (place / ".git").exists():
            return None
        return place / folder

    def push(self, commit: str, branch: str, expect: str | None) -> None:
        """Move a branch; see `branches.push`."""
        branches.push(self.folder, self.url, commit, branch, expect=expect)
        if self.twin:
            self.twin.push(branch)

    def _deepened(self) -> pygit2.Repository | None:
        deeper = store.deepen(self.folder, self.url, self.branch)
        return open_repo(self.folder) if deeper else None


def open_remote(repo: RepoTarget, scratch: Path, forge: Forge | None) -> Remote:
    """Fetch the default branch of a repo, into a new repo below `scratch` if it is not local.

    A local one is used in place: it gets only objects that no branch has. The `forge` is that of
    the remote, if the repo is on it: a catalog may name any URL. Raises ForgeError.
    """
    place = scratch / "repos" / repo.name
    recent = store.open_recent(repo.url, place, _DEPTH, _OURS)
    url = str(recent.folder) if recent.twin else repo.url
    there = forge if forge and _is_on(forge, repo) else None
    return Remote(recent.folder, url, repo.name, recent.branch, recent.head, there, recent.twin)


def _is_on(forge: Forge, repo: RepoTarget) -> bool:
    # Its URL may be for ssh, or from before a move.
    return forge.url(repo.name) == repo.url or forge.find(repo.name) is not None
