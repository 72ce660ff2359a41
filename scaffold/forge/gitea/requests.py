"""The pull requests of a repo on Gitea. A draft is one whose title begins with `WIP:`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from scaffold.errors import ForgeError
from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.forge.rest import Call, RestApi

_DRAFT = "WIP: "
_WRITE = "a token with the scopes write:repository and write:issue, of a user who may push to it"
_READ = "a token with the scope read:repository, of a user who sees the repo"
_COLOUR = "#1d76db"
_CHECK_SECONDS = 30.0  # for how long Gitea may work out whether a request merges
_BRANCH_WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)  # seconds
_CONFLICT, _NOT_NOW, _NOT_FOUND = 409, 405, 404


class GiteaRequests:
    """The pull requests of one repo."""

    def __init__(self, api: RestApi, group: str, repo: str) -> None:
        self._api = api
        self._repo = f"{group}/{repo}"
        self._path = f"/repos/{group}/{quote(repo)}"

    def all(self, branch: str) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        found = (_seen(one) for one in self._all() if _is_own(one) and branch in ("", _branch(one)))
        return tuple(sorted(found, key=lambda one: one.number))

    def open(self, branch: str, proposal: Proposal) -> MergeRequest:
        """Open one, or bring the open one of that branch up to date."""
        title = f"{_DRAFT}{proposal.title}" if proposal.draft else proposal.title
        asked = {"title": title, "body": proposal.body}
        call = Call(f"open a merge request on `{self._repo}`", _WRITE)
        new = {**asked, "head": branch, "base": proposal.target}
        made = self._make(call, new)
        if made is not None:
            return _seen(made)
        there = next(
            one
            for one in self._all(state="open")
            if _is_own(one) and (_branch(one), one["base"]["ref"]) == (branch, proposal.target)
        )
        if {key: there[key] for key in asked} == asked:
            return _seen(there)
        answer = self._api.send("PATCH", f"{self._path}/pulls/{there['number']}", call, json=asked)
        return _seen(answer.json())

    def _make(self, call: Call, new: Mapping[str, str]) -> Any:
        """What was made, or None where the branch has an open one already.

        Gitea learns of a branch a little after the push of it, and says "not found" until then.
        """
        for wait in (*_BRANCH_WAITS, None):
            fine = (_CONFLICT,) if wait is None else (_CONFLICT, _NOT_FOUND)
            answer = self._api.send("POST", f"{self._path}/pulls", call, json=new, fine=fine)
            if wait is None or answer.status_code != _NOT_FOUND:
                break
            time.sleep(wait)
        return None if answer.status_code == _CONFLICT else answer.json()

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Put labels on one; those that the repo has not are made."""
        if not labels:
            return
        call = Call(f"label a merge request of `{self._repo}`", _WRITE)
        path = f"{self._path}/labels"
        known = {one["name"]: one["id"] for one in self._api.pages(path, call)}
        for name in labels:
            if name not in known:
                made = {"name": name, "color": _COLOUR}
                known[name] = self._api.send("POST", path, call, json=made).json()["id"]
        wanted = {"labels": [known[name] for name in labels]}
        self._api.send("POST", f"{self._path}/issues/{number}/labels", call, json=wanted)

    def ask(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask for reviews, one by one: Gitea refuses all for one who can't review."""
        call = Call(f"ask for a review on `{self._repo}`", _WRITE)
        path = f"{self._path}/pulls/{number}/requested_reviewers"
        for name in reviewers:
            team = name.rpartition("/")[2]
            asked = {"team_reviewers": [team]} if "/" in name else {"reviewers": [name]}
            self._api.send("POST", path, call, json=asked, fine=(403, 404, 422))

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        self._need_open(number)
        call = Call(f"close merge request {number} of `{self._repo}`", _WRITE)
        self._api.send("PATCH", f"{self._path}/pulls/{number}", call, json={"state": "closed"})

    def merge(self, number: int, *, once_green: bool = False) -> None:
        """Merge one by a merge commit, now or once its checks are green. Raises ForgeError."""
        there = self._need_open(number)
        if there["draft"]:
            raise ForgeError(
                f"merge request {number} is a draft",
                where=there["html_url"],
                hint=f"Settle its conflicts on the branch {_branch(there)} and push that first.",
            )
        call = Call(f"merge request {number} of `{self._repo}`", _WRITE)
        asked = {"Do": "merge", "merge_when_checks_succeed": once_green}
        path = f"{self._path}/pulls/{number}/merge"
        left = _CHECK_SECONDS
        while True:
            answer = self._api.send("POST", path, call, json=asked, fine=(_CONFLICT, _NOT_NOW))
            if answer.ok or (once_green and answer.status_code == _CONFLICT):  # asked for before
                return
            if left <= 0 or "try again" not in answer.text:
                break
            time.sleep(1)
            left -= 1
        raise ForgeError(
            f"merge request {number} can't be merged",
            where=there["html_url"],
            hint=f"See whether {_branch(there)} is in conflict with main, or waits for a review.",
            details=[answer.json().get("message", "")],
        )

    def _need_open(self, number: int) -> Any:
        call = Call(f"read merge request {number} of `{self._repo}`", _READ)
        there = self._api.get(f"{self._path}/pulls/{number}", call)
        if there is None:
            raise ForgeError(f"there is no merge request {number}", where=self._repo)
        state = _state(there)
        if state is not RequestState.OPEN:
            raise ForgeError(f"merge request {number} is {state} already", where=there["html_url"])
        return there

    def _all(self, state: str = "all") -> Iterator[Any]:
        call = Call(f"list the merge requests of `{self._repo}`", _READ)
        return self._api.pages(f"{self._path}/pulls", call, state=state)


def _is_own(told: Any) -> bool:
    """Whether it comes from the repo itself: a fork's branch may have any name."""
    return bool(told["head"]["repo_id"] == told["base"]["repo_id"])


def _branch(told: Any) -> str:
    """Where it comes from; of a branch that is gone only the label has the name."""
    return str(told["head"]["label"])


def _state(told: Any) -> RequestState:
    if told["merged"]:
        return RequestState.MERGED
    return RequestState.OPEN if told["state"] == "open" else RequestState.CLOSED


def _seen(told: Any) -> MergeRequest:
    draft = bool(told["draft"])
    return MergeRequest(
        number=told["number"],
        title=told["title"].removeprefix(_DRAFT) if draft else told["title"],
        body=told["body"],
        branch=_branch(told),
        state=_state(told),
        url=told["html_url"],
        draft=draft,
    )
