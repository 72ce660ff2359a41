"""The merge requests of a repo on GitLab. A draft is one whose title begins with `Draft:`."""

import time
from collections.abc import Sequence
from typing import Any

from gitlab.exceptions import GitlabError
from gitlab.v4.objects import ProjectMergeRequest

from scaffold.errors import ForgeError
from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.forge.gitlab.client import CONFLICT, NOT_ALLOWED, GitlabApi, found
from scaffold.forge.making import there_and_not
from scaffold.forge.refusals import is_a_draft, not_merged
from scaffold.forge.rest import Call

_DRAFT = "Draft: "
_WRITE = "a token with the scope api, of a user with the role Developer"
_READ = "a token with the scope api or read_api, of a user who sees the repo"
_MERGE = f"{_WRITE} who is allowed to merge into that branch"
_CHECK_SECONDS = 30.0  # for how long GitLab may work out whether a request merges
_CHECKING = frozenset({"preparing", "unchecked", "checking", "approvals_syncing"})
_UNAUTHORIZED = 401
_STATES = {"merged": RequestState.MERGED, "closed": RequestState.CLOSED}


class GitlabRequests:
    """The merge requests of one repo."""

    def __init__(self, api: GitlabApi, repo: str) -> None:
        self._api = api
        self._repo = repo
        self._requests = api.project(repo).mergerequests

    def all(self, branch: str) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        of_branch = {"source_branch": branch} if branch else {}
        return tuple(_seen(one) for one in self._own(state="all", **of_branch))

    def open(self, branch: str, proposal: Proposal) -> MergeRequest:
        """Open one, or bring the open one of that branch up to date."""
        where: dict[str, Any] = {"source_branch": branch, "target_branch": proposal.target}
        title = f"{_DRAFT}{proposal.title}" if proposal.draft else proposal.title
        text = {"title": title, "description": proposal.body}
        there = self._open_one(where)
        if there is None:
            new = {**where, **text, "labels": ",".join(proposal.labels)}
            new["reviewer_ids"] = self._users(proposal.reviewers)
            made = self._create(new)
            if made is not None:
                return _seen(made)
            there = self._open_one(where)  # another run was quicker, or the answer was lost
        if there is None:
            raise there_and_not(branch, self._api.path(self._repo))
        return _seen(self._update(there, text, proposal))

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        there = self._need_open(number)
        with self._asking(f"close merge request {number}", _WRITE):
            self._requests.update(there.iid, {"state_event": "close"})

    def merge(self, number: int) -> None:
        """Merge one by what the project is set to. Raises ForgeError."""
        there = self._need_open(number)
        if there.draft:
            raise is_a_draft(number, where=there.web_url, branch=there.source_branch)
        refused = self._accept(there, {})
        if refused:
            raise not_merged(
                number, where=there.web_url, branch=there.source_branch,
                waits_for="a review or a pipeline", said=refused,
            )  # fmt: skip

    def merge_once_green(self, number: int) -> None:
        """Have one merge itself once its pipeline is green.

        Where there is no pipeline yet GitLab refuses that, and nothing happens: the next run asks
        again.
        """
        there = self._need_open(number)
        if not _waits(there):
            # The first is what GitLab before 17.11 calls the second; that would take a request
            # with only the second for one to merge at once.
            self._accept(there, {"merge_when_pipeline_succeeds": True, "auto_merge": True})

    def merges_itself(self, number: int) -> bool:
        """Whether one merges itself, as far as GitLab has taken that."""
        return _waits(self._need_open(number))

    def _accept(self, there: ProjectMergeRequest, how: dict[str, Any]) -> str:
        """Merge one; why GitLab would not, or nothing where it did."""
        there = self._checked(there)
        path = f"{self._requests.path}/{there.iid}/merge"
        with self._asking(f"merge request {there.iid}", _MERGE):
            try:
                self._api.client.http_put(path, post_data={**how, "sha": there.sha})
            except GitlabError as error:
                if error.response_code == _UNAUTHORIZED:  # so it says that a user may not merge
                    return f"{error.error_message}: it takes {_MERGE}"
                if error.response_code not in {NOT_ALLOWED, CONFLICT, 406, 422}:
                    raise
                merged = self._requests.get(there.iid).state == "merged"  # the answer was lost
                return "" if merged else str(error.error_message)
        return ""

    def _checked(self, there: ProjectMergeRequest) -> ProjectMergeRequest:
        """A merge request once GitLab has found out whether it merges."""
        left = _CHECK_SECONDS
        while there.attributes.get("detailed_merge_status") in _CHECKING and left > 0:
            time.sleep(1)
            left -= 1
            there = self._need_open(there.iid)
        return there

    def _create(self, new: dict[str, Any]) -> ProjectMergeRequest | None:
        with self._asking("open a merge request", _WRITE):
            try:
                return self._requests.create(new)
            except GitlabError as error:
                if error.response_code != CONFLICT:
                    raise
        return None

    def _update(
        self, there: ProjectMergeRequest, text: dict[str, str], proposal: Proposal
    ) -> ProjectMergeRequest:
        changed: dict[str, Any] = {
            key: value for key, value in text.items() if there.attributes[key] != value
        }
        if more := [name for name in proposal.labels if name not in there.labels]:
            changed["add_labels"] = ",".join(more)
        asked = [one["id"] for one in there.reviewers]
        names = {one["username"].lower() for one in there.reviewers}
        missing = [name for name in proposal.reviewers if name.lower() not in names]
        if ids := self._users(missing):
            changed["reviewer_ids"] = [*asked, *ids]
        if not changed:
            return there
        with self._asking(f"bring merge request {there.iid} up to date", _WRITE):
            self._requests.update(there.iid, changed)
            return self._requests.get(there.iid)

    def _users(self, names: Sequence[str]) -> list[int]:
        """The ids of users; groups and names that nobody has are left out."""
        with self._asking("look for reviewers", _READ):
            asked = [self._api.client.users.list(username=name, get_all=True) for name in names]
        return [user.id for users in asked for user in users]

    def _open_one(self, where: dict[str, str]) -> ProjectMergeRequest | None:
        return next(iter(self._own(state="opened", **where)), None)

    def _own(self, **query: str) -> list[ProjectMergeRequest]:
        """Those that come from the repo itself: a fork's branch may have any name."""
        with self._asking("list the merge requests", _READ):
            told = self._requests.list(
                iterator=True, order_by="created_at", sort="asc", scope="all", **query
            )
            return [one for one in told if one.source_project_id == one.target_project_id]

    def _need_open(self, number: int) -> ProjectMergeRequest:
        with self._asking(f"read merge request {number}", _READ):
            there = found(lambda: self._requests.get(number))
        if there is None:
            raise ForgeError(
                f"there is no merge request {number}", where=self._api.path(self._repo)
            )
        state = _state(there)
        if state is not RequestState.OPEN:
            raise ForgeError(f"merge request {number} is {state} already", where=there.web_url)
        return there

    def _asking(self, doing: str, needs: str) -> Any:
        return self._api.asking(Call(f"{doing} of `{self._repo}`", needs))


def _state(told: ProjectMergeRequest) -> RequestState:
    return _STATES.get(told.state, RequestState.OPEN)  # `locked` is one that is being merged


def _waits(told: ProjectMergeRequest) -> bool:
    return bool(told.attributes.get("merge_when_pipeline_succeeds"))


def _seen(told: ProjectMergeRequest) -> MergeRequest:
    return MergeRequest(
        number=told.iid,
        title=told.title.removeprefix(_DRAFT) if told.draft else told.title,
        body=told.description or "",
        branch=told.source_branch,
        state=_state(told),
        url=told.web_url,
        draft=told.draft,
    )
