"""Where repos and merge requests live: one Protocol, one file an adapter.

Adapters know nothing of blueprints.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from scaffold.model.platform import LocalForge


class RequestState(StrEnum):
    """Where a merge request is in its life."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class StatusState(StrEnum):
    """How a check of a commit ended, or that it has not."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class MergeRequest:
    """A proposal to merge a branch into main; a draft is not to be merged as it is."""

    number: int
    title: str
    body: str
    branch: str
    state: RequestState
    url: str
    draft: bool = False


class Forge(Protocol):
    """What scaffold needs of a forge; repos are named by their path below the forge's root."""

    def url(self, repo: str) -> str:
        """The URL that repos record and git pushes to; known before the repo exists."""

    def exists(self, repo: str) -> bool:
        """Whether there is such a repo."""

    def create(self, repo: str, *, description: str) -> None:
        """Make an empty repo whose default branch is main. Raises ForgeError."""

    def delete(self, repo: str) -> None:
        """Remove a repo with all it holds; only ever called for one made in the same run."""

    def open_merge_request(
        self, repo: str, branch: str, *, title: str, body: str, draft: bool = False
    ) -> MergeRequest:
        """Propose to merge a pushed branch into main.

        One of that branch that is open already is reused, with the new text.
        """

    def close_merge_request(self, repo: str, number: int) -> None:
        """Turn a proposal down. Raises ForgeError where it is not open."""

    def merge(self, repo: str, number: int) -> None:
        """Merge a proposal into main. Raises ForgeError for a draft or on conflicts."""

    def merge_requests(self, repo: str) -> tuple[MergeRequest, ...]:
        """All merge requests of a repo, open or not, oldest first."""

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """The statuses of a commit, by name."""

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """Set a status of a commit. Raises ForgeError."""

    def archive(self, repo: str, *, archived: bool) -> None:
        """Make a repo take no pushes any more, or take them again; its content stays."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Keep others from creating the service `name` meanwhile. Raises ForgeError if they do."""


def open_forge(settings: LocalForge) -> Forge:
    """The forge that platform.yml names."""
    from scaffold.forge.local import LocalFolderForge

    return LocalFolderForge(settings.path)
