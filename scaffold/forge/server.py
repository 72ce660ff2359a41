"""What the adapters of all servers have in common."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from scaffold.config.forges.server import ServerForge
from scaffold.errors import ForgeError
from scaffold.forge.api import FoundRepo, MergeRequest, Proposal, RequestState
from scaffold.forge.credentials import Credentials, log_in
from scaffold.forge.making import not_reopened
from scaffold.forge.rest import Call, RestApi

Api = TypeVar("Api", bound=RestApi)


class ServerRequests(ABC):
    """The merge requests of one repo, of which each server tells in JSON of its own."""

    waits_for: ClassVar[str]
    """What else than a conflict keeps one from being merged there, in words."""

    def __init__(self, repo: str) -> None:
        self._full_name = repo

    @abstractmethod
    def all(self, branch: str, *, open_only: bool) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""

    @abstractmethod
    def open(self, branch: str, proposal: Proposal) -> MergeRequest:
        """Open one, or bring the open one of that branch up to date."""

    @abstractmethod
    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""

    @abstractmethod
    def _reopen(self, number: int) -> str | None:
        """Take a closed one up again; None, or what the server said where it would not."""

    @abstractmethod
    def _has_branch(self, branch: str) -> bool:
        """Whether the repo has a branch of this name."""

    @abstractmethod
    def merges_itself(self, number: int) -> bool:
        """Whether one merges itself once its checks are green."""

    @abstractmethod
    def _get(self, number: int) -> Any:
        """What the server tells of one, or None where it has none."""

    @abstractmethod
    def _seen(self, request: Any) -> MergeRequest:
        """What the rest of scaffold sees of that."""

    @abstractmethod
    def _accept(self, request: Any) -> str | None:
        """Merge one; what the server said where it would not, None where it is merged."""

    def merge(self, number: int) -> None:
        """Merge one by what the repo is set to. Raises ForgeError."""
        request = self._need_open(number)
        seen = self._seen(request)
        if seen.draft:
            raise ForgeError(
                f"merge request {number} is a draft",
                where=seen.url,
                hint=f"Settle its conflicts on the branch {seen.branch} and push that first.",
            )
        if (refused := self._accept(request)) is not None:
            raise ForgeError(
                f"merge request {number} can't be merged",
                where=seen.url,
                hint=f"See whether {seen.branch} is in conflict with main, or waits for"
                f" {self.waits_for}.",
                details=[refused],
            )

    def reopen(self, number: int) -> None:
        """Take a closed one up again. Raises ForgeError; see Forge."""
        seen = self._seen(self._need(number, RequestState.CLOSED))
        if not self._has_branch(seen.branch):
            raise not_reopened(number, f"its branch {seen.branch} is gone", seen.url)
        if others := self.all(seen.branch, open_only=True):
            why = f"merge request {others[0].number} of the same branch is open"
            raise not_reopened(number, why, seen.url)
        if (refused := self._reopen(number)) is not None:
            raise not_reopened(number, "the forge refuses that", seen.url, [refused])

    def _need_open(self, number: int) -> Any:
        return self._need(number, RequestState.OPEN)

    def _need(self, number: int, state: RequestState) -> Any:
        request = self._get(number)
        if request is None:
            raise ForgeError(f"there is no merge request {number}", where=self._full_name)
        seen = self._seen(request)
        if seen.state is not state:
            raise ForgeError(f"merge request {number} is {seen.state} already", where=seen.url)
        return request


class OnServer(ABC, Generic[Api]):
    """A forge on a server, in one group of it."""

    reads: ClassVar[str]
    """What a token needs to read a repo, in words."""
    full_name: ClassVar[str] = "full_name"
    """Which member of a repo's JSON has its name, with the group's."""

    def __init__(self, settings: ServerForge, credentials: Credentials) -> None:
        self._settings = settings
        self._api = self._reach(settings, credentials)

    @classmethod
    def open(cls, settings: ServerForge) -> Self:
        """The forge, with the token for it. Raises ForgeError where there is none."""
        return cls(settings, log_in(settings))

    @abstractmethod
    def _reach(self, settings: Any, credentials: Credentials) -> Api:
        """The API of the instance; nothing is asked yet."""

    @abstractmethod
    def _requests(self, repo: str) -> ServerRequests:
        """The merge requests of a repo; nothing is asked yet."""

    def url(self, repo: str) -> str:
        """See Forge."""
        return self._settings.repo_url(repo)

    def find(self, repo: str) -> FoundRepo | None:
        """See Forge. All servers redirect from a repo's old name."""
        call = Call(f"look for the repo `{repo}`", self.reads)
        answer = self._api.get(self._api.path(repo), call)
        if answer is None:
            return None
        return FoundRepo(
            self._name(answer[self.full_name]),
            archived=answer["archived"],
            default_branch=answer["default_branch"] or "main",  # GitLab: none while it is empty
        )

    def _name(self, path: str) -> str:
        """A repo's name below the group; its full path where it is somewhere else."""
        prefix = f"{self._api.group}/"
        # Servers find paths in any case, and tell them in their own.
        return path[len(prefix) :] if path.lower().startswith(prefix.lower()) else path

    def open_merge_request(self, repo: str, branch: str, proposal: Proposal) -> MergeRequest:
        """See Forge."""
        return self._requests(repo).open(branch, proposal)

    def close_merge_request(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).close(number)

    def reopen_merge_request(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).reopen(number)

    def merge(self, repo: str, number: int) -> None:
        """See Forge."""
        self._requests(repo).merge(number)

    def merges_itself(self, repo: str, number: int) -> bool:
        """See Forge."""
        return self._requests(repo).merges_itself(number)

    def merge_requests(
        self, repo: str, branch: str = "", *, open_only: bool = False
    ) -> tuple[MergeRequest, ...]:
        """See Forge."""
        return self._requests(repo).all(branch, open_only=open_only)

    def lock_folder(self) -> Path | None:
        """See Forge."""
        return None
