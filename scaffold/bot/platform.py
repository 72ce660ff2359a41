"""What a pass does about the platform repo: what is generated there is brought in step.

What is added or changed goes by the platform's policy; files that go always wait for a person. Not
so grants whose time is over: that they end was agreed on when they were given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scaffold.chain.decide import Why
from scaffold.config.branches import EXPIRED, PLATFORM_SYNC
from scaffold.config.grant import Grant, clock
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.propagation import Push
from scaffold.errors import PushRefusedError
from scaffold.fleet.generated import (
    Change,
    Difference,
    changed_files,
    differences,
    with_differences,
)
from scaffold.fleet.grants import expired, parsed_grants, without
from scaffold.fleet.platform import PlatformRepo, open_platform
from scaffold.fleet.proposals import commit_to_main, propose_change
from scaffold.fleet.sync import (
    proposed_target,
    removed,
    sync_proposal,
    target_of,
)
from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.git import branches
from scaffold.git.tree import Entry, Tree


@dataclass(frozen=True)
class PlatformEvent:
    """Files that were out of step, and what a pass did about them.

    `commit` is new in this pass; `request` is its merge request, if any. `expired` are the grants
    whose time is over, if it is about them, and not about what is generated.
    """

    why: Why
    files: tuple[Difference, ...]
    commit: str = ""
    request: MergeRequest | None = None
    detail: str = ""
    expired: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """What it is about, in words."""
        return "access that has expired" if self.expired else "what is generated"

    @property
    def url(self) -> str:
        """The address of its merge request; empty without one."""
        return self.request.url if self.request else ""

    @property
    def target(self) -> str:
        """The same while the files are to become the same."""
        return target_of(self.files)


Events = tuple[PlatformEvent, ...]


class PlatformSync:
    """Brings a platform in step, pass after pass.

    It remembers at which commit of main there was nothing to do, and until when, so that a pass
    over a platform that did not move since costs nothing.
    """

    def __init__(self) -> None:
        self._in_step_at = ""
        self._until: datetime | None = None

    def run(self, platform: PlatformRepo, now: datetime) -> Events:
        """What is out of step or over at `now`, and what was done about it; empty where nothing is.

        Raises ConfigError, ForgeError; what was not done is done by the next pass.
        """
        over = self._until is not None and self._until <= now
        if platform.head == self._in_step_at and not over:
            return ()
        taken = _take_back(platform, now)
        if any(event.why is Why.MOVE for event in taken) and not platform.dry_run:
            platform = open_platform(platform.folder)
        events = (*taken, *_bring_in_step(platform))
        if not events:
            ends = [grant.until for grant in parsed_grants(platform.tree).values()]
            self._in_step_at, self._until = platform.head, min(ends, default=None)
        return events


def _take_back(platform: PlatformRepo, now: datetime) -> Events:
    """Take back the grants whose time is over, by a push wherever main takes one."""
    over = expired(platform.tree, now)
    if not over:
        return _settled(platform, EXPIRED)

    def change(tree: Mapping[str, Entry]) -> Tree:
        return without(tree, expired(tree, now))  # one may have been given for longer meanwhile

    proposal = Proposal("Take back access that has expired", _ends(over), auto_merge=True)
    files = changed_files(platform.tree, without(platform.tree, over), "its time is over")
    event = PlatformEvent(Why.MOVE, files, detail=_ends(over), expired=tuple(over))
    try:
        return (replace(event, commit=commit_to_main(platform, change, proposal)),)
    except PushRefusedError:
        done = propose_change(platform, change, EXPIRED, proposal)
    if done is None:
        return ()
    return (replace(event, why=Why.REQUEST, commit=done.commit, request=done.request),)


def _ends(grants: Mapping[str, Grant]) -> str:
    """A line for each grant, with when it ended."""
    return "\n".join(f"{one.told}, until {clock(one.until)}" for one in grants.values())


def _bring_in_step(platform: PlatformRepo) -> Events:
    found = differences(platform.tree)
    if not found:
        return _settled(platform, PLATFORM_SYNC)
    kept = tuple(one for one in found if one.change is not Change.REMOVED)
    if not kept or platform.model.propagation.push is not Push.DIRECT:
        return _proposed(platform, found)
    try:
        commit = commit_to_main(platform, _without_removals, sync_proposal(kept))
    except PushRefusedError:
        return _proposed(platform, found)
    return (PlatformEvent(Why.MOVE, kept, commit), *_removals(platform, found))


def _without_removals(tree: Mapping[str, Entry]) -> Tree:
    kept = (one for one in differences(tree) if one.change is not Change.REMOVED)
    return with_differences(tree, kept)


def _removals(platform: PlatformRepo, found: tuple[Difference, ...]) -> Events:
    """Propose that files go, once the others are on main."""
    if not removed(found):
        return ()
    now = platform
    if not platform.dry_run:
        now = open_platform(platform.folder)
        found = differences(now.tree)
    gone = tuple(one for one in found if one.change is Change.REMOVED)
    return _proposed(now, gone) if gone else ()


def _proposed(platform: PlatformRepo, found: tuple[Difference, ...]) -> Events:
    """A merge request for these files, unless somebody closed one for the same."""
    known = platform.forge.merge_requests(PLATFORM_REPO, PLATFORM_SYNC)
    if (closed := _turned_down(known, target_of(found))) is not None:
        detail = "its merge request was closed; `scaffold platform sync` goes past that"
        return (PlatformEvent(Why.HELD, found, request=closed, detail=detail),)
    by_itself = platform.model.propagation.push is Push.AUTO_MERGE and not removed(found)
    proposal = replace(sync_proposal(found), auto_merge=by_itself)
    done = propose_change(
        platform, lambda tree: with_differences(tree, found), PLATFORM_SYNC, proposal
    )
    return (PlatformEvent(Why.REQUEST, found, done.commit, done.request),) if done else ()


def _turned_down(known: Sequence[MergeRequest], target: str) -> MergeRequest | None:
    """The merge request for the same that somebody closed, where there is no other one open."""
    same = [one for one in known if proposed_target(one) == target]
    if any(one.state is RequestState.OPEN for one in same):
        return None
    return same[-1] if same and same[-1].state is RequestState.CLOSED else None


def _settled(platform: PlatformRepo, branch: str) -> Events:
    """With nothing to do, a merge request of a branch that is open yet has nothing to it."""
    if branches.remote_head(platform.url, branch) is None:
        return ()
    left = platform.forge.merge_requests(PLATFORM_REPO, branch, open_only=True)
    return tuple(_withdrawn(platform, one) for one in left)


def _withdrawn(platform: PlatformRepo, request: MergeRequest) -> PlatformEvent:
    """Close a merge request; without its target it turns nothing down."""
    detail = "main is in step without it"
    if not platform.dry_run:
        wanted = Proposal(request.title, f"Closed by the bot: {detail}.")
        there = platform.forge.open_merge_request(PLATFORM_REPO, request.branch, wanted)
        if there.state is RequestState.OPEN:  # it may have come to see that main has its branch
            platform.forge.close_merge_request(PLATFORM_REPO, there.number)
    return PlatformEvent(
        Why.WITHDRAWN, (), request=replace(request, state=RequestState.CLOSED), detail=detail
    )
