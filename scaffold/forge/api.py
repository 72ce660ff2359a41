"""Where repos and merge requests live: one Protocol, one file an adapter.

Adapters know nothing of blueprints.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from scaffold.config.ci_values import CiKind
from scaffold.config.team import Role

Access = Mapping[Role, Sequence[str]]
"""Which groups of the forge hold each role for a repo."""


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
class Proposal:
    """What a merge request is to be.

    `target` is the repo's default branch. `reviewers` are names as CODEOWNERS has them, without
    the `@`: users, or groups where the forge knows groups as reviewers; one who can't review is
    left out. With `auto_merge` the forge is asked to merge it once its checks are green, unless it
    is a draft. A forge may not take that yet, as before there is a pipeline: `merges_itself` tells,
    and opening it again asks again. One that has no check is left to a person on GitHub and GitLab;
    Gitea merges it at once where main's protection requires none.
    """

    title: str
    body: str
    draft: bool = False
    target: str = "main"
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    auto_merge: bool = False


@dataclass(frozen=True)
class MergeRequest:
    """A proposal to merge a branch into main; a draft is not to be merged as it is.

    `repo` is the repo's name on the forge, and `opened` when it was proposed. One that a dry run
    would open has no number, no address and no such time.
    """

    repo: str
    number: int
    title: str
    body: str
    branch: str
    state: RequestState
    url: str
    opened: datetime | None
    draft: bool = False


def not_open(repo: str, title: str, body: str, branch: str) -> MergeRequest:
    """A merge request that a dry run would open."""
    return MergeRequest(repo, 0, title, body, branch, RequestState.OPEN, url="", opened=None)


@dataclass(frozen=True)
class FoundRepo:
    """A repo that is there; `name` is another one than was asked for where it was renamed."""

    name: str
    archived: bool = False
    default_branch: str = "main"


@dataclass(frozen=True)
class Held:
    """What a forge says of the rights to a repo.

    `roles` is of the groups that were asked for: what each of them holds, None for what is no role
    of ours; a group that holds nothing is not in it. `protected` is whether main is, as `protect`
    has it, and `statuses` are those that we can have asked a merge into it for: by their names, or
    what stands for them. `webhooks` are the addresses that are told what happens.
    """

    roles: Mapping[str, Role | None]
    protected: bool
    statuses: frozenset[str]
    webhooks: frozenset[str]


@dataclass(frozen=True)
class CiValue:
    """What jobs are to be given: all, or those in an environment; no text ever shows the value."""

    name: str
    kind: CiKind
    value: str = field(repr=False)
    environment: str = ""
    protected: bool = True
    """Whether only jobs of protected branches get it, on a forge that can tell them apart."""


class Forge(Protocol):
    """What scaffold needs of a forge; repos are named by their path below the forge's root.

    Every call can be made again after any failure, and what is so already is left as it is. All
    of them raise ForgeError, which says what the forge said and what to do about it.
    """

    def url(self, repo: str) -> str:
        """The URL that repos record and git pushes to; known before the repo exists."""

    def find(self, repo: str) -> FoundRepo | None:
        """What there is of this name, or None."""

    def repos(self) -> tuple[str, ...]:
        """The names of all repos, sorted."""

    def check(self) -> tuple[str, ...]:
        """What this user or token may not do, a line each, but will have to; nothing is changed."""

    def create(self, repo: str, *, description: str, topics: Sequence[str] = ()) -> bool:
        """Make an empty repo whose default branch is main; False where there was one already."""

    def delete(self, repo: str) -> None:
        """Remove a repo with all it holds; only ever called for one made in the same run.

        It is asked for once, since by the time of a second try it may be somebody else's.
        """

    def grant(self, repo: str, access: Access) -> None:
        """Let groups read (read-only), push branches (developer) or maintain (admin) a repo.

        A group with several roles gets the highest. Grants to other groups stay as they are.
        """

    def revoke(self, repo: str, groups: Sequence[str]) -> None:
        """Take a repo from groups; what they have by another way, as in a group above, stays."""

    def held(self, repo: str, groups: Sequence[str]) -> Held | None:
        """The rights to a repo that these groups, and main, have; None where there are none."""

    def protect(
        self, repo: str, statuses: Collection[str] = (), *, former: Collection[str] = ()
    ) -> None:
        """Let nobody push to main but admins and the bot; called after main's first push.

        Nothing is merged into it without these statuses, nor without others that somebody set
        there; `former` ones are not asked for any more. Their names are those of
        `ServerForge.required`.
        """

    def may_push(self, repo: str, branch: str) -> bool | None:
        """Whether the rules let this user push to a branch; None where the forge does not tell."""

    def webhook(self, repo: str, url: str, secret: str) -> None:
        """Have pushes, merge requests and statuses told to `url`, signed with the secret."""

    def remove_webhooks(self, repo: str, urls: Collection[str]) -> None:
        """Have nothing told to these addresses any more."""

    def open_merge_request(self, repo: str, branch: str, proposal: Proposal) -> MergeRequest:
        """Propose to merge a pushed branch.

        One of that branch that is open already is reused, with the new text; its labels and
        reviewers are only added to.
        """

    def close_merge_request(self, repo: str, number: int) -> None:
        """Turn a proposal down. Raises ForgeError where it is not open."""

    def reopen_merge_request(self, repo: str, number: int) -> None:
        """Take a closed proposal up again.

        Raises ForgeError where it is not closed, where its branch is gone or was merged, and where
        another one of that branch is open.
        """

    def merge(self, repo: str, number: int) -> None:
        """Merge a proposal into main. Raises ForgeError for a draft or on conflicts."""

    def merges_itself(self, repo: str, number: int) -> bool | None:
        """Whether the forge will merge an open proposal itself, once its checks are green.

        None where it never does.
        """

    def merge_requests(
        self, repo: str, branch: str = "", *, open_only: bool = False
    ) -> tuple[MergeRequest, ...]:
        """The merge requests of a repo, oldest first: all, or those of a branch, or open ones."""

    def statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        """The statuses of a commit, by name; of several of one name, the newest."""

    def set_status(self, repo: str, commit: str, name: str, state: StatusState) -> None:
        """Set a status of a commit."""

    def ci_names(
        self, repo: str, environments: Collection[str] = ()
    ) -> Mapping[str, frozenset[str]] | None:
        """The names of the secrets and variables that CI jobs of a repo are given, by environment.

        Those of the repo and of the groups above it; under "" those of jobs in no environment.
        None where the forge runs no jobs.
        """

    def set_ci_value(self, repo: str, value: CiValue) -> None:
        """Give a value to the jobs of a repo. What it is already is not looked at."""

    def set_ci_value_above(self, *, repos: Sequence[str], value: CiValue) -> bool:
        """Have the group give a value, of no environment, to the jobs of repos that it has.

        False where the token may not. A group may give it to the jobs of all others, too.
        """

    def archive(self, repo: str, *, archived: bool) -> None:
        """Make a repo take no pushes any more, or take them again; its content stays."""

    def lock_folder(self) -> Path | None:
        """A folder for locks that all who use the forge see, or None: a server has none."""
