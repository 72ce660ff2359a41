"""The merge requests of a repo on GitLab. A draft is one whose title begins with `Draft:`."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.forge.gitlab.client import GitlabApi
from scaffold.forge.making import there_and_not
from scaffold.forge.rest import CONFLICT, INVALID, NOT_ALLOWED, Call
from scaffold.forge.server import ServerRequests

_DRAFT = "Draft: "
_WRITE = "a token with the scope api, of a user with the role Developer"
_READ = "a token with the scope api or read_api, of a user who sees the repo"
_MERGE = f"{_WRITE} who is allowed to merge into that branch"
_CHECK_SECONDS = 30.0  # for how long GitLab may work out whether a request merges
_CHECKING = frozenset({"preparing", "unchecked", "checking", "approvals_syncing"})
_UNAUTHORIZED, _NOT_ACCEPTABLE = 401, 406
_REFUSED = (NOT_ALLOWED, _NOT_ACCEPTABLE, CONFLICT, INVALID)
_STATES = {"merged": RequestState.MERGED, "closed": RequestState.CLOSED}


class GitlabRequests(ServerRequests):
    """The merge requests of one repo."""

    waits_for: ClassVar[str] = "a review or a pipeline"

    def __init__(self, api: GitlabApi, repo: str) -> None:
        super().__init__(api.full_path(repo))
        self._api = api
        self._repo = repo
        self._path = f"{api.path(repo)}/merge_requests"

    def all(self, branch: str, *, open_only: bool) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        of_branch = {"source_branch": branch} if branch else {}
        return tuple(
            self._seen(request)
            for request in self._own(state="opened" if open_only else "all", **of_branch)
        )

    def open(self, branch: str, proposal: Proposal) -> MergeRequest:
        """See ServerRequests. GitLab knows users as reviewers only; unlicensed, one of them."""
        opened = self._seen(self._open(branch, proposal))
        if proposal.auto_merge and not proposal.draft:
            self._merge_once_green(opened.number)
        return opened

    def _open(self, branch: str, proposal: Proposal) -> Any:
        where = {"source_branch": branch, "target_branch": proposal.target}
        title = f"{_DRAFT}{proposal.title}" if proposal.draft else proposal.title
        text = {"title": title, "description": proposal.body}
        request = self._open_one(where)
        if request is None:
            new: dict[str, Any] = {**where, **text, "labels": list(proposal.labels)}
            new["reviewer_ids"] = self._users(proposal.reviewers)
            made = self._api.send(
                "POST", self._path, self._call("open a merge request", _WRITE), json=new,
                fine=(CONFLICT,),
            )  # fmt: skip
            if made.ok:
                return made.data
            request = self._open_one(where)  # another run was quicker, or the answer was lost
        if request is None:
            raise there_and_not(branch, self._full_name)
        return self._update(request, text, proposal)

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        self._need_open(number)
        call = self._call(f"close merge request {number}", _WRITE)
        self._api.send("PUT", f"{self._path}/{number}", call, json={"state_event": "close"})

    def _reopen(self, number: int) -> str | None:
        call = self._call(f"reopen merge request {number}", _WRITE)
        path, body = f"{self._path}/{number}", {"state_event": "reopen"}
        answer = self._api.send("PUT", path, call, json=body, fine=_REFUSED)
        return None if answer.ok else answer.words

    def _has_branch(self, branch: str) -> bool:
        call = self._call(f"look for the branch `{branch}`", _READ)
        path = f"{self._api.path(self._repo)}/repository/branches/{quote(branch, safe='')}"
        return self._api.get(path, call) is not None

    def _merge_once_green(self, number: int) -> None:
        """Have one merge itself once its pipeline is green.

        Where there is no pipeline yet GitLab refuses that, and nothing happens: the next run asks
        again.
        """
        request = self._need_open(number)
        if not _waits(request):
            # The first is what GitLab before 17.11 calls the second; that would take a request
            # with only the second for one to merge at once.
            self._merge(request, {"merge_when_pipeline_succeeds": True, "auto_merge": True})

    def merges_itself(self, number: int) -> bool:
        """Whether one merges itself, as far as GitLab has taken that."""
        return _waits(self._need_open(number))

    def _accept(self, request: Any) -> str | None:
        return self._merge(request, {})

    def _merge(self, request: Any, how: dict[str, Any]) -> str | None:
        """Merge one; what GitLab said where it would not, None where it did."""
        request = self._checked(request)
        path = f"{self._path}/{request['iid']}"
        call = self._call(f"merge request {request['iid']}", _MERGE)
        body = {**how, "sha": request["sha"]}
        fine = (_UNAUTHORIZED, *_REFUSED)
        answer = self._api.send("PUT", f"{path}/merge", call, json=body, fine=fine)
        if answer.ok:
            return None
        if answer.status == _UNAUTHORIZED:  # so it says that a user may not merge
            return f"{answer.words}: it takes {_MERGE}"
        merged = self._api.send("GET", path, call).data["state"] == "merged"  # the answer was lost
        return None if merged else answer.words

    def _checked(self, request: Any) -> Any:
        """A merge request once GitLab has found out whether it merges."""
        left = _CHECK_SECONDS
        while request.get("detailed_merge_status") in _CHECKING and left > 0:
            time.sleep(1)
            left -= 1
            request = self._need_open(request["iid"])
        return request

    def _update(self, request: Any, text: dict[str, str], proposal: Proposal) -> Any:
        changed: dict[str, Any] = {
            key: value for key, value in text.items() if request[key] != value
        }
        if more := [name for name in proposal.labels if name not in request["labels"]]:
            changed["add_labels"] = more
        reviewers = [user["id"] for user in request["reviewers"]]
        names = {user["username"].lower() for user in request["reviewers"]}
        missing = [name for name in proposal.reviewers if name.lower() not in names]
        if ids := self._users(missing):
            changed["reviewer_ids"] = [*reviewers, *ids]
        if not changed:
            return request
        call = self._call(f"bring merge request {request['iid']} up to date", _WRITE)
        return self._api.send("PUT", f"{self._path}/{request['iid']}", call, json=changed).data

    def _users(self, names: Sequence[str]) -> list[int]:
        """The ids of users; groups and names that nobody has are left out."""
        call = self._call("look for reviewers", _READ)
        matches = [self._api.pages("/users", call, {"username": name}) for name in names]
        return [user["id"] for users in matches for user in users]

    def _open_one(self, where: dict[str, str]) -> Any:
        return next(iter(self._own(state="opened", **where)), None)

    def _own(self, **query: str) -> list[Any]:
        """Those that come from the repo itself: a fork's branch may have any name."""
        call = self._call("list the merge requests", _READ)
        order = {"order_by": "created_at", "sort": "asc", "scope": "all"}
        requests = self._api.pages(self._path, call, order | query)
        return [
            request
            for request in requests
            if request["source_project_id"] == request["target_project_id"]
        ]

    def _get(self, number: int) -> Any:
        call = self._call(f"read merge request {number}", _READ)
        return self._api.get(f"{self._path}/{number}", call)

    def _seen(self, request: Any) -> MergeRequest:
        return MergeRequest(
            repo=self._repo,
            number=request["iid"],
            title=request["title"].removeprefix(_DRAFT) if request["draft"] else request["title"],
            body=request["description"] or "",
            branch=request["source_branch"],
            # `locked` is one that is being merged.
            state=_STATES.get(request["state"], RequestState.OPEN),
            url=request["web_url"],
            opened=datetime.fromisoformat(request["created_at"]),
            draft=request["draft"],
        )

    def _call(self, doing: str, needs: str) -> Call:
        return Call(f"{doing} of `{self._repo}`", needs)


def _waits(request: Any) -> bool:
    return bool(request.get("merge_when_pipeline_succeeds"))
