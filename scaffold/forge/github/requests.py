"""The pull requests of a repo on GitHub."""

import logging
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

from github.GithubException import GithubException
from github.PullRequest import PullRequest

from scaffold.errors import ForgeError
from scaffold.forge.api import MergeRequest, Proposal, RequestState, StatusState
from scaffold.forge.github.access import branch_rules
from scaffold.forge.github.client import INVALID, NOT_ALLOWED, REFUSED, GithubApi, found, said
from scaffold.forge.github.statuses import read_statuses
from scaffold.forge.refusals import is_a_draft, not_merged
from scaffold.forge.rest import Call

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
_CONFLICT = 409
# How GitHub says that there is nothing to wait for.
_NOTHING_REQUIRED = ("clean status", "unstable status", "rules not configured")
_log = logging.getLogger(__name__)


class GithubRequests:
    """The pull requests of one repo."""

    def __init__(self, api: GithubApi, repo: str) -> None:
        self._api = api
        self._name = repo
        self._repo = api.repo(repo)

    def all(self, branch: str) -> tuple[MergeRequest, ...]:
        """Those of a branch, or without one all of them, oldest first."""
        of_branch = {"head": self._head(branch)} if branch else {}
        with self._asking("list the merge requests", _READ):
            told = [
                one
                for one in self._repo.get_pulls("all", "created", "asc", **of_branch)
                # A fork's branch may have any name; a fork that was deleted is None.
                if one.head.repo is not None and one.head.repo.id == one.base.repo.id
            ]
            return tuple(self.seen(one) for one in told)

    def open(self, branch: str, proposal: Proposal) -> PullRequest:
        """Open one, or bring the open one of that branch up to date."""
        target, title, body = proposal.target, proposal.title, proposal.body
        there = self._open_one(branch, target)
        if there is None:
            needs = f"{_WRITE}; drafts in private repos take a paid plan"
            with self._asking("open a merge request", needs):
                try:
                    return self._repo.create_pull(
                        target, branch, title=title, body=body, draft=proposal.draft
                    )
                except GithubException as error:
                    # Another run was quicker, or the answer to an earlier try was lost.
                    exists = error.status == INVALID and "already exists" in said(error)
                    there = self._open_one(branch, target) if exists else None
                    if there is None:
                        raise
        with self._asking(f"bring merge request {there.number} up to date", _WRITE):
            if (there.title, there.body or "") != (title, body):
                there.edit(title=title, body=body)
            if proposal.draft and not there.draft:
                there.convert_to_draft()
            elif there.draft and not proposal.draft:
                there.mark_ready_for_review()
        return there

    def add_labels(self, there: PullRequest, labels: Sequence[str]) -> None:
        """Put labels on one; GitHub makes those that the repo has not."""
        has = {one.name.lower() for one in there.labels}
        if more := [name for name in labels if name.lower() not in has]:
            with self._asking(f"label merge request {there.number}", _WRITE):
                # PyGithub sends a bare list, which GitHub's description of its API does not have.
                path = f"{self._api.path(self._name)}/issues/{there.number}/labels"
                self._api.send("POST", path, {"labels": more})

    def ask(self, there: PullRequest, reviewers: Sequence[str]) -> None:
        """Ask for reviews, one by one: GitHub refuses all for one who can't review.

        Who was asked, or has reviewed already, is left in peace.
        """
        asked = {one.login.lower() for one in there.requested_reviewers}
        asked |= {f"{self._api.group}/{one.slug}".lower() for one in there.requested_teams}
        missing = [name for name in reviewers if name.lower() not in asked]
        if not missing:
            return
        with self._asking(f"ask for a review of merge request {there.number}", _WRITE):
            done = {one.user.login.lower() for one in there.get_reviews() if one.user}
            for name in missing:
                if name.lower() not in done:
                    _ask_one(there, name)

    def merge_once_green(self, there: PullRequest) -> None:
        """Have one merge itself once the checks that its target requires are green.

        Where none is required, GitHub merges nothing by itself: it is merged here if all of its
        checks are green and there is one; else the next run asks again.
        """
        if there.auto_merge:
            return
        with self._asking(f"have merge request {there.number} merge itself", _WRITE):
            refused = self._wait_for_green(there)
            if any(one in refused for one in _NOTHING_REQUIRED):
                self._merge_if_green(there)
            elif refused:
                _log.warning("%s does not merge itself: %s", there.html_url, refused)

    def merges_itself(self, number: int) -> bool:
        """Whether one merges itself once its checks are green."""
        return self._need_open(number).auto_merge is not None

    def _wait_for_green(self, there: PullRequest) -> str:
        """Have one merge itself by the first way that is allowed; why GitHub would not."""
        why = _NO_WAY
        for method in self._methods(there.base.ref):
            try:
                there.enable_automerge(method.upper())
            except GithubException as error:
                if error.status != REFUSED:
                    raise
                why = said(error)
                if _NOT_THAT_WAY not in why:
                    break
            else:
                return ""
        return why

    def close(self, number: int) -> None:
        """Turn one down. Raises ForgeError where it is not open."""
        there = self._need_open(number)
        with self._asking(f"close merge request {number}", _WRITE):
            there.edit(state="closed")

    def merge(self, number: int) -> None:
        """Merge one by the first method that the repo allows. Raises ForgeError."""
        there = self._need_open(number)
        if there.draft:
            raise is_a_draft(number, where=there.html_url, branch=there.head.ref)
        with self._asking(f"merge request {number}", _WRITE):
            refused = self._accept(self._checked(there))
        if refused:
            raise not_merged(
                number, where=there.html_url, branch=there.head.ref,
                waits_for="a review or a check", said=refused,
            )  # fmt: skip

    def seen(self, told: PullRequest) -> MergeRequest:
        """One of them as the rest of scaffold sees it."""
        return MergeRequest(
            number=told.number,
            title=told.title,
            body=told.body or "",
            branch=told.head.ref,
            state=_state(told),
            url=told.html_url,
            draft=told.draft,
        )

    def _accept(self, there: PullRequest) -> str:
        """Merge one; why GitHub would not, or nothing where it did."""
        why = ""
        for method in self._methods(there.base.ref):
            try:
                there.merge(merge_method=method, sha=there.head.sha)
            except GithubException as error:
                if error.status not in {NOT_ALLOWED, _CONFLICT}:
                    raise
                why = why or said(error)
                if _NOT_THAT_WAY not in said(error):
                    break
            else:
                return ""
        merged = self._get(there.number).merged_at is not None  # the answer was lost
        return "" if merged else why or _NO_WAY

    def _methods(self, target: str) -> tuple[str, ...]:
        """The ways to merge that the repo and the rules of a branch allow, the best first."""
        repo = self._api.send("GET", self._api.path(self._name))
        allowed = {one for one, key in _METHODS.items() if repo.get(key) is not False}
        for rule in branch_rules(self._api, self._name, target):
            if rule["type"] == "pull_request":
                named = (rule.get("parameters") or {}).get("allowed_merge_methods")
                allowed &= set(named or allowed)
        return tuple(one for one in _METHODS if one in allowed)

    def _merge_if_green(self, there: PullRequest) -> None:
        states = read_statuses(self._api, self._name, there.head.sha).values()
        if states and all(one is StatusState.SUCCESS for one in states):
            self._accept(there)

    def _checked(self, there: PullRequest) -> PullRequest:
        """One of which GitHub has found out whether it merges."""
        left = _CHECK_SECONDS
        while there.raw_data.get("mergeable") is None and left > 0:
            time.sleep(1)
            left -= 1
            there = self._get(there.number)
        return there

    def _open_one(self, branch: str, target: str) -> PullRequest | None:
        with self._asking("list the merge requests", _READ):
            pulls = self._repo.get_pulls("open", base=target, head=self._head(branch))
            return next(iter(pulls), None)

    def _head(self, branch: str) -> str:
        """What GitHub calls a branch of the repo's own, not of a fork."""
        return f"{self._api.group}:{branch}"

    def _get(self, number: int) -> PullRequest:
        there = self._repo.get_pull(number)
        there.complete()
        return there

    def _need_open(self, number: int) -> PullRequest:
        with self._asking(f"read merge request {number}", _READ):
            there = found(lambda: self._get(number))
        if there is None:
            raise ForgeError(
                f"there is no merge request {number}", where=f"{self._api.group}/{self._name}"
            )
        state = _state(there)
        if state is not RequestState.OPEN:
            raise ForgeError(f"merge request {number} is {state} already", where=there.html_url)
        return there

    def _asking(self, doing: str, needs: str) -> AbstractContextManager[None]:
        return self._api.asking(Call(f"{doing} of `{self._name}`", needs))


def _state(told: PullRequest) -> RequestState:
    if told.merged_at is not None:
        return RequestState.MERGED
    return RequestState.OPEN if told.state == "open" else RequestState.CLOSED


def _ask_one(there: PullRequest, name: str) -> None:
    try:
        if "/" in name:
            there.create_review_request(team_reviewers=[name.rpartition("/")[2]])
        else:
            there.create_review_request(reviewers=[name])
    except GithubException as error:
        if error.status != INVALID:  # they can't review it
            raise
