"""The pull requests of a repo on Gitea. A draft is one whose title begins with `WIP:`."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.making import keep_one, there_and_not
from scaffold.forge.rest import CONFLICT, FORBIDDEN, INVALID, NOT_ALLOWED, NOT_FOUND, Answer, Call
from scaffold.forge.server import ServerRequests

_DRAFT = "WIP: "
_WRITE = "a token with the scopes write:repository and write:issue, of a user who may push to it"
_READ = "a token with the scope read:repository, of a user who sees the repo"
_COLOUR = "#1d76db"
_CHECK_SECONDS = 30.0  # for how long Gitea may work out whether a request merges
_WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)  # seconds
# What allows each way to merge; the first is taken.
_WAYS = {
    "allow_merge_commits": "merge",
    "allow_squash_merge": "squash",
    "allow_rebase": "rebase",
    "allow_rebase_explicit": "rebase-merge",
    "allow_fast_forward_only_merge": "fast-forward-only",
}
_TWIN = "<!-- scaffold-twin -->"
_SCHEDULED, _CANCELLED = "pull_scheduled_merge", "pull_cancel_scheduled_merge"
_log = logging.getLogger(__name__)
_CANT_REVIEW = (FORBIDDEN, NOT_FOUND, INVALID)


class GiteaRequests(ServerRequests):
    """The pull requests of one repo."""

    waits_for: ClassVar[str] = "a review"

    def __init__(self, api: GiteaApi, repo: str) -> None:
        super().__init__(f"{api.group}/{repo}")
        self._api = api
        self._name = repo
        self._path = api.path(repo)

    def all(self, branch: str, *, open_only: bool) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        requests = (
            self._seen(request)
            for request in self._all("open" if open_only else "all")
            if _is_own(request)
            and branch in ("", _branch(request))
            and _TWIN not in request["body"]
        )
        return tuple(sorted(requests, key=lambda request: request.number))

    def open(self, branch: str, proposal: Proposal) -> MergeRequest:
        """Open one, or bring the open one of that branch up to date."""
        opened = self._seen(self._open(branch, proposal))
        self._add_labels(opened.number, proposal.labels)
        self._ask(opened.number, proposal.reviewers)
        if proposal.auto_merge and not proposal.draft:
            self._merge_once_green(opened.number)
        return opened

    def _open(self, branch: str, proposal: Proposal) -> Any:
        title = f"{_DRAFT}{proposal.title}" if proposal.draft else proposal.title
        text = {"title": title, "body": proposal.body}
        call = Call(f"open a merge request on `{self._full_name}`", _WRITE)
        new = {**text, "head": branch, "base": proposal.target}
        made = self._make(call, new)
        ends = (branch, proposal.target)
        existing = sorted(
            (
                request
                for request in self._all("open")
                if _is_own(request) and (_branch(request), request["base"]["ref"]) == ends
            ),
            key=lambda request: int(request["number"]),
        )
        if not existing:
            if made is None:
                raise there_and_not(branch, self._full_name)
            return made
        first, *twins = existing
        for twin in twins:
            self._turn_down(twin, first["number"])
        if {key: first[key] for key in text} == text:
            return first
        path = f"{self._path}/pulls/{first['number']}"
        return self._api.send("PATCH", path, call, json=text).data

    def _turn_down(self, twin: Any, first: int) -> None:
        """Close one whose branch has another open one.

        Gitea looks whether there is one, then makes one, so that two who ask at the same moment get
        one each. Nobody has turned such a one down; `all` leaves it out.
        """
        call = Call(f"close merge request {twin['number']} of `{self._full_name}`", _WRITE)
        body = f"The same as #{first}, which was opened at the same moment.\n\n{_TWIN}"
        path = f"{self._path}/pulls/{twin['number']}"
        closed = {"state": "closed", "body": body}
        for wait in _WAITS:  # the other one who asked may be closing it, too
            if self._api.send("PATCH", path, call, json=closed, fine=(CONFLICT,)).ok:
                return
            time.sleep(wait)
        self._api.send("PATCH", path, call, json=closed)

    def _make(self, call: Call, new: Mapping[str, str]) -> Any:
        """What was made, or None where the branch has an open one already.

        Gitea learns of a branch a little after the push of it, and says "not found" until then.
        """
        for wait in (*_WAITS, None):
            fine = (CONFLICT,) if wait is None else (CONFLICT, NOT_FOUND)
            answer = self._api.send("POST", f"{self._path}/pulls", call, json=new, fine=fine)
            if wait is None or answer.status != NOT_FOUND:
                break
            time.sleep(wait)
        return None if answer.status == CONFLICT else answer.data

    def _add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Put labels on one; those that the repo has not are made."""
        if not labels:
            return
        call = Call(f"label a merge request of `{self._full_name}`", _WRITE)
        path = f"{self._path}/labels"
        known = {label["name"]: label["id"] for label in self._api.pages(path, call)}
        wanted = [known.get(name) or self._label(name, call) for name in labels]
        issue = f"{self._path}/issues/{number}/labels"
        self._api.send("POST", issue, call, json={"labels": wanted})

    def _label(self, name: str, call: Call) -> int:
        """The id of a label that is made. Gitea takes several of one name."""
        path, body = f"{self._path}/labels", {"name": name, "color": _COLOUR}
        return keep_one(
            lambda: [label["id"] for label in self._api.pages(path, call) if label["name"] == name],
            add=lambda: int(self._api.send("POST", path, call, json=body).data["id"]),
            remove=lambda number: self._api.send(
                "DELETE", f"{path}/{number}", call, fine=(NOT_FOUND,)
            ),
        )

    def _ask(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask for reviews, one by one: Gitea refuses all for one who can't review."""
        call = Call(f"ask for a review on `{self._full_name}`", _WRITE)
        path = f"{self._path}/pulls/{number}/requested_reviewers"
        for name in reviewers:
            team = name.rpartition("/")[2]
            body = {"team_reviewers": [team]} if "/" in name else {"reviewers": [name]}
            self._api.send("POST", path, call, json=body, fine=_CANT_REVIEW)

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        self._need_open(number)
        call = Call(f"close merge request {number} of `{self._full_name}`", _WRITE)
        self._api.send("PATCH", f"{self._path}/pulls/{number}", call, json={"state": "closed"})

    def _reopen(self, number: int) -> str | None:
        call = Call(f"reopen merge request {number} of `{self._full_name}`", _WRITE)
        path, body = f"{self._path}/pulls/{number}", {"state": "open"}
        answer = self._api.send("PATCH", path, call, json=body, fine=(CONFLICT, INVALID))
        return None if answer.ok else answer.words

    def _has_branch(self, branch: str) -> bool:
        call = Call(f"look for a branch of `{self._full_name}`", _READ)
        return self._api.get(f"{self._path}/branches/{quote(branch, safe='')}", call) is not None

    def _accept(self, request: Any) -> str | None:
        number = request["number"]
        answer = self._merge(number, once_green=False)
        # Of a success Gitea says nothing, and of an earlier try the answer may have been lost.
        return None if self._is_merged(number) else answer.words

    def _merge_once_green(self, number: int) -> None:
        """Have one merge itself once its checks are green, or now where none is required."""
        answer = self._merge(number, once_green=True)
        if answer.status == CONFLICT or self._is_merged(number):  # it was asked for before
            return
        if not (answer.ok and self.merges_itself(number)):
            _log.warning("%s/%d does not merge itself: %s", self._path, number, answer.words)

    def merges_itself(self, number: int) -> bool:
        """Whether one was asked to merge itself, and nobody took that back."""
        call = Call(f"read merge request {number} of `{self._full_name}`", _READ)
        events = [
            event["type"]
            for event in self._api.pages(f"/repos/{self._full_name}/issues/{number}/timeline", call)
            if event["type"] in {_SCHEDULED, _CANCELLED}
        ]
        return events[-1:] == [_SCHEDULED]

    def _merge(self, number: int, *, once_green: bool) -> Answer:
        """Merge one, once Gitea has found out whether it merges; what it said in the end."""
        call = Call(f"merge request {number} of `{self._full_name}`", _WRITE)
        body = {"Do": self._way(call), "merge_when_checks_succeed": once_green}
        path, fine = f"{self._path}/pulls/{number}/merge", (CONFLICT, NOT_ALLOWED)
        left = _CHECK_SECONDS
        while True:
            answer = self._api.send("POST", path, call, json=body, fine=fine, bare=True)
            if left <= 0 or "try again" not in answer.words:
                return answer
            time.sleep(1)
            left -= 1

    def _way(self, call: Call) -> str:
        repo = self._api.get(f"/repos/{self._full_name}", call) or {}
        return next((way for allowed, way in _WAYS.items() if repo.get(allowed)), "merge")

    def _is_merged(self, number: int) -> bool:
        request = self._get(number)
        return bool(request and request["merged"])

    def _get(self, number: int) -> Any:
        call = Call(f"read merge request {number} of `{self._full_name}`", _READ)
        return self._api.get(f"{self._path}/pulls/{number}", call)

    def _seen(self, request: Any) -> MergeRequest:
        draft = bool(request["draft"])
        return MergeRequest(
            repo=self._name,
            number=request["number"],
            title=request["title"].removeprefix(_DRAFT) if draft else request["title"],
            body=request["body"],
            branch=_branch(request),
            state=_state(request),
            url=request["html_url"],
            opened=datetime.fromisoformat(request["created_at"]),
            draft=draft,
        )

    def _all(self, state: str) -> Iterator[Any]:
        call = Call(f"list the merge requests of `{self._full_name}`", _READ)
        return self._api.pages(f"{self._path}/pulls", call, {"state": state})


def _is_own(request: Any) -> bool:
    """Whether it comes from the repo itself: a fork's branch may have any name."""
    return bool(request["head"]["repo_id"] == request["base"]["repo_id"])


def _branch(request: Any) -> str:
    """Where it comes from; of a branch that is gone only the label has the name."""
    return str(request["head"]["label"])


def _state(request: Any) -> RequestState:
    if request["merged"]:
        return RequestState.MERGED
    return RequestState.OPEN if request["state"] == "open" else RequestState.CLOSED
