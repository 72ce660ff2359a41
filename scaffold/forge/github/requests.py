"""The pull requests of a repo on GitHub."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from scaffold.forge.api import MergeRequest, Proposal, RequestState, StatusState
from scaffold.forge.github.access import branch_rules
from scaffold.forge.github.client import GithubApi
from scaffold.forge.github.statuses import read_statuses
from scaffold.forge.rest import CONFLICT, INVALID, NOT_ALLOWED, Call
from scaffold.forge.server import ServerRequests

_WRITE = "a token with the scope repo, of a user who may push to the repo"
_READ = "a token with the scope repo, of a user who sees the repo"
_CHECK_SECONDS = 30.0  # for how long GitHub may work out whether a request merges
# The ways to merge, and what tells that a repo allows them; the first is taken.
_METHODS = {
    "merge": "allow_merge_commit",
    "squash": "allow_squash_merge",
    "rebase": "allow_rebase_merge",
}
_NO_WAY = "no way to merge is allowed"
_NOT_THAT_WAY = "allowed on this repo"  # how GitHub refuses a way; a plural may stand before it
# How GitHub says that there is nothing to wait for.
_NOTHING_REQUIRED = ("clean status", "unstable status", "rules not configured")
_log = logging.getLogger(__name__)


class GithubRequests(ServerRequests):
    """The pull requests of one repo."""

    waits_for: ClassVar[str] = "a review or a check"

    def __init__(self, api: GithubApi, repo: str) -> None:
        super().__init__(f"{api.group}/{repo}")
        self._api = api
        self._name = repo
        self._path = f"{api.path(repo)}/pulls"

    def all(self, branch: str, *, open_only: bool) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        of_branch = {"head": self._head(branch)} if branch else {}
        requests = self._list(
            state="open" if open_only else "all", sort="created", direction="asc", **of_branch
        )
        # A fork's branch may have any name; a fork that was deleted is None.
        own = (
            request
            for request in requests
            if request["head"]["repo"]
            and request["head"]["repo"]["id"] == request["base"]["repo"]["id"]
        )
        return tuple(self._seen(request) for request in own)

    def open(self, branch: str, proposal: Proposal) -> MergeRequest:
        """See ServerRequests. Of a team's name what follows the last slash counts."""
        request = self._open(branch, proposal)
        self._add_labels(request, proposal.labels)
        self._ask(request, proposal.reviewers)
        if proposal.auto_merge and not proposal.draft:
            self._merge_once_green(request)
        return self._seen(request)

    def _open(self, branch: str, proposal: Proposal) -> Any:
        text = {"title": proposal.title, "body": proposal.body}
        request = self._open_one(branch, proposal.target)
        if request is None:
            needs = f"{_WRITE}; drafts in private repos take a paid plan"
            call = self._call("open a merge request", needs)
            body = {**text, "head": branch, "base": proposal.target, "draft": proposal.draft}
            answer = self._api.send("POST", self._path, call, json=body, fine=(INVALID,))
            if answer.ok:
                return answer.data
            # Another run was quicker, or the answer to an earlier try was lost.
            exists = "already exists" in answer.words
            request = self._open_one(branch, proposal.target) if exists else None
            if request is None:
                raise self._api.refused(answer, call)
        call = self._call(f"bring merge request {request['number']} up to date", _WRITE)
        if (request["title"], request["body"] or "") != (proposal.title, proposal.body):
            path = f"{self._path}/{request['number']}"
            request = self._api.send("PATCH", path, call, json=text).data
        if proposal.draft == bool(request.get("draft")):
            return request
        mutation = (
            "convertPullRequestToDraft" if proposal.draft else "markPullRequestReadyForReview"
        )
        answer = self._api.mutate(mutation, {"pullRequestId": request["node_id"]}, call)
        if not answer.ok:
            raise self._api.refused(answer, call)
        return {**request, "draft": proposal.draft}

    def _add_labels(self, request: Any, labels: Sequence[str]) -> None:
        """Put labels on one; GitHub makes those that the repo has not."""
        has = {label["name"].lower() for label in request["labels"]}
        if more := [name for name in labels if name.lower() not in has]:
            call = self._call(f"label merge request {request['number']}", _WRITE)
            path = f"{self._api.path(self._name)}/issues/{request['number']}/labels"
            self._api.send("POST", path, call, json={"labels": more})

    def _ask(self, request: Any, reviewers: Sequence[str]) -> None:
        """Ask for reviews, one by one: GitHub refuses all for one who can't review.

        Who was asked, or has reviewed already, is left in peace.
        """
        requested = {user["login"].lower() for user in request.get("requested_reviewers") or ()}
        teams = (team["slug"] for team in request.get("requested_teams") or ())
        requested |= {f"{self._api.group}/{slug}".lower() for slug in teams}
        missing = [name for name in reviewers if name.lower() not in requested]
        if not missing:
            return
        call = self._call(f"ask for a review of merge request {request['number']}", _WRITE)
        path = f"{self._path}/{request['number']}"
        reviews = self._api.pages(f"{path}/reviews", call)
        done = {review["user"]["login"].lower() for review in reviews if review["user"]}
        for name in missing:
            if name.lower() in done:
                continue
            team = name.rpartition("/")[2]
            body = {"team_reviewers": [team]} if "/" in name else {"reviewers": [name]}
            # Refused for those who can't review it.
            self._api.send("POST", f"{path}/requested_reviewers", call, json=body, fine=(INVALID,))

    def _merge_once_green(self, request: Any) -> None:
        """Have one merge itself once the checks that its target requires are green.

        Where none is required, GitHub merges nothing by itself: it is merged here if all of its
        checks are green and there is one; else the next run asks again.
        """
        if request["auto_merge"]:
            return
        call = self._call(f"have merge request {request['number']} merge itself", _WRITE)
        refused = self._wait_for_green(request, call)
        if any(words in refused for words in _NOTHING_REQUIRED):
            states = read_statuses(self._api, self._name, request["head"]["sha"]).values()
            if states and all(state is StatusState.SUCCESS for state in states):
                self._merge(request, call)
        elif refused:
            _log.warning("%s does not merge itself: %s", request["html_url"], refused)

    def merges_itself(self, number: int) -> bool:
        """Whether one merges itself once its checks are green."""
        return self._need_open(number)["auto_merge"] is not None

    def _wait_for_green(self, request: Any, call: Call) -> str:
        """Have one merge itself by the first way that is allowed; why GitHub would not."""
        why = _NO_WAY
        for method in self._methods(request["base"]["ref"], call):
            body = {"pullRequestId": request["node_id"], "mergeMethod": method.upper()}
            answer = self._api.mutate("enablePullRequestAutoMerge", body, call)
            if answer.ok:
                return ""
            why = answer.words
            if _NOT_THAT_WAY not in why:
                break
        return why

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        self._need_open(number)
        call = self._call(f"close merge request {number}", _WRITE)
        self._api.send("PATCH", f"{self._path}/{number}", call, json={"state": "closed"})

    def _reopen(self, number: int) -> str | None:
        """See ServerRequests. GitHub takes up none whose branch was pushed by force since."""
        call = self._call(f"reopen merge request {number}", _WRITE)
        path, body = f"{self._path}/{number}", {"state": "open"}
        answer = self._api.send("PATCH", path, call, json=body, fine=(INVALID,))
        return None if answer.ok else answer.words

    def _has_branch(self, branch: str) -> bool:
        call = self._call(f"look for the branch `{branch}`", _READ)
        path = f"{self._api.path(self._name)}/branches/{quote(branch, safe='')}"
        return self._api.get(path, call) is not None

    def _accept(self, request: Any) -> str | None:
        call = self._call(f"merge request {request['number']}", _WRITE)
        return self._merge(self._checked(request), call)

    def _merge(self, request: Any, call: Call) -> str | None:
        """Merge one by the first way that is allowed; why GitHub would not, None where it did."""
        why = ""
        for method in self._methods(request["base"]["ref"], call):
            body = {"merge_method": method, "sha": request["head"]["sha"]}
            path = f"{self._path}/{request['number']}/merge"
            answer = self._api.send("PUT", path, call, json=body, fine=(NOT_ALLOWED, CONFLICT))
            if answer.ok:
                return None
            why = why or answer.words
            if _NOT_THAT_WAY not in answer.words:
                break
        now = self._api.send("GET", f"{self._path}/{request['number']}", call).data
        return None if now["merged_at"] else why or _NO_WAY  # else the answer was lost

    def _methods(self, target: str, call: Call) -> tuple[str, ...]:
        """The ways to merge that the repo and the rules of a branch allow, the best first."""
        repo = self._api.send("GET", self._api.path(self._name), call).data
        allowed = {method for method, key in _METHODS.items() if repo.get(key) is not False}
        for rule in branch_rules(self._api, self._name, target, call):
            if rule["type"] == "pull_request":
                named = (rule.get("parameters") or {}).get("allowed_merge_methods")
                allowed &= set(named or allowed)
        return tuple(method for method in _METHODS if method in allowed)

    def _checked(self, request: Any) -> Any:
        """One of which GitHub has found out whether it merges."""
        left = _CHECK_SECONDS
        while request.get("mergeable") is None and left > 0:
            time.sleep(1)
            left -= 1
            request = self._need_open(request["number"])
        return request

    def _open_one(self, branch: str, target: str) -> Any:
        return next(iter(self._list(state="open", base=target, head=self._head(branch))), None)

    def _list(self, **query: str) -> list[Any]:
        return list(
            self._api.pages(self._path, self._call("list the merge requests", _READ), query)
        )

    def _head(self, branch: str) -> str:
        """What GitHub calls a branch of the repo's own, not of a fork."""
        return f"{self._api.group}:{branch}"

    def _get(self, number: int) -> Any:
        call = self._call(f"read merge request {number}", _READ)
        return self._api.get(f"{self._path}/{number}", call)

    def _seen(self, request: Any) -> MergeRequest:
        is_open = request["state"] == "open"
        unmerged = RequestState.OPEN if is_open else RequestState.CLOSED
        return MergeRequest(
            repo=self._name,
            number=request["number"],
            title=request["title"],
            body=request["body"] or "",
            branch=request["head"]["ref"],
            state=RequestState.MERGED if request["merged_at"] else unmerged,
            url=request["html_url"],
            opened=datetime.fromisoformat(request["created_at"]),
            draft=bool(request.get("draft")),
        )

    def _call(self, doing: str, needs: str) -> Call:
        return Call(f"{doing} of `{self._name}`", needs)
