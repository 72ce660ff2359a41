"""Changes of the platform's main: one commit on it, or a merge request where it takes no push."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pygit2

from scaffold.config.platform import PLATFORM_REPO
from scaffold.errors import ForgeError, PushRefusedError, StalePushError
from scaffold.fleet.checkout import follow
from scaffold.fleet.platform import PlatformRepo, open_platform
from scaffold.forge.api import Forge, MergeRequest, Proposal, not_open
from scaffold.git import branches, clones, program
from scaffold.git.tree import Entry, Tree, make_commit, open_repo, write_tree

_ATTEMPTS = 5
Change = Callable[[Mapping[str, Entry]], Tree]
"""Makes the tree that main is to have of the one that it has."""


@dataclass(frozen=True)
class Proposed:
    """A merge request; `commit` is new on its branch, or nothing where the branch was right."""

    request: MergeRequest
    commit: str = ""


def would_propose(forge: Forge, repo: str, branch: str, proposal: Proposal) -> MergeRequest:
    """The merge request that a proposal would open, or bring up to date, in a dry run.

    One that is not open yet has no number and no address.
    """
    title, body = proposal.title, proposal.body
    new = _open_request(forge, repo, branch) or not_open(repo, title, body, branch)
    return replace(new, title=title, body=body)


def change_platform(
    platform: PlatformRepo, change: Change, branch: str, proposal: Proposal
) -> MergeRequest | None:
    """Change the platform's main, or propose to where this user may not push to it.

    Where it changes nothing there is no commit. Returns the merge request where there is one.
    Raises ForgeError, also where somebody's own commits are on the branch.
    """
    try:
        commit_to_main(platform, change, proposal)
    except PushRefusedError:
        done = propose_change(platform, change, branch, proposal)
        return done.request if done else None
    return None


def commit_to_main(platform: PlatformRepo, change: Change, proposal: Proposal) -> str:
    """Push a change to the platform's main; returns the commit, or nothing where it is so already.

    A push that lost a race is prepared afresh from what is there then. A dry run asks whether it
    would be refused, as far as the forge tells. Raises PushRefusedError, ForgeError.
    """
    for _ in range(_ATTEMPTS):
        commit = _commit(platform, change, proposal)
        if not commit:
            return ""
        ask = partial(platform.forge.may_push, PLATFORM_REPO, "main")
        if platform.dry_run:
            if ask() is False:
                raise PushRefusedError("no direct push to `main` is allowed", where=platform.url)
            return commit
        try:
            branches.push(
                platform.folder, platform.url, commit, "main", expect=platform.head, may_push=ask
            )
        except StalePushError:
            platform = open_platform(platform.folder)
            continue
        follow(platform.folder, commit)
        return commit
    raise ForgeError(
        f"main moved {_ATTEMPTS} times while this was prepared",
        where=platform.url,
        hint="Run it again.",
    )


def propose_change(
    platform: PlatformRepo, change: Change, branch: str, proposal: Proposal
) -> Proposed | None:
    """Propose a change of the platform's main; None where it is so already.

    A branch that makes the same change is left as it is. Raises ForgeError, also where somebody's
    own commits are on the branch of an open merge request, which would be lost.
    """
    commit = _commit(platform, change, proposal)
    if not commit:
        return None
    there = branches.remote_head(platform.url, branch)
    if there is not None:
        clones.fetch_missing(platform.folder, platform.url, there)
    is_right = there is not None and _proposes(platform, there, commit)
    if not is_right and there is not None:
        _refuse_to_replace(platform, there, branch, proposal)
    if platform.dry_run:
        request = would_propose(platform.forge, PLATFORM_REPO, branch, proposal)
    else:
        if not is_right:
            branches.push(platform.folder, platform.url, commit, branch, expect=there)
        request = platform.forge.open_merge_request(PLATFORM_REPO, branch, proposal)
    return Proposed(request, "" if is_right else commit)


def _commit(platform: PlatformRepo, change: Change, proposal: Proposal) -> str:
    """The commit on top of main, or nothing where it would change nothing."""
    store = open_repo(platform.folder)
    tree = write_tree(store, change(platform.tree))
    if tree == store[platform.head].peel(pygit2.Commit).tree_id:
        return ""
    message = f"{proposal.title}\n\n{proposal.body}\n"
    return make_commit(store, str(tree), message, program.identity(), [platform.head])


def _proposes(platform: PlatformRepo, there: str, commit: str) -> bool:
    """Whether merging a branch does to main what a commit on top of it does."""
    store = open_repo(platform.folder)
    base = store.merge_base(pygit2.Oid(hex=platform.head), pygit2.Oid(hex=there))
    wanted = _changes(store, platform.head, commit)
    return base is not None and _changes(store, str(base), there) == wanted


def _changes(store: pygit2.Repository, old: str, new: str) -> set[tuple[str, str, str]]:
    """The files that differ, each with the ids of its content before and after."""
    before, after = (store[commit].peel(pygit2.Commit).tree for commit in (old, new))
    return {
        (delta.new_file.path, str(delta.old_file.id), str(delta.new_file.id))
        for delta in before.diff_to_tree(after).deltas
    }


def _refuse_to_replace(platform: PlatformRepo, there: str, branch: str, proposal: Proposal) -> None:
    """Raises ForgeError where the branch of an open merge request has commits of others."""
    store = open_repo(platform.folder)
    walk = store.walk(pygit2.Oid(hex=there))
    walk.hide(pygit2.Oid(hex=platform.head))
    foreign = [one for one in walk if one.message.partition("\n")[0] != proposal.title]
    if foreign and (request := _open_request(platform.forge, PLATFORM_REPO, branch)):
        raise ForgeError(
            f"somebody's own commits are on `{branch}`, and it is not what would be proposed now",
            where=request.url,
            details=[f"{str(one.id)[:12]} {one.message.partition(chr(10))[0]}" for one in foreign],
            hint="Merge that merge request, or close it and delete the branch; then run it again.",
        )


def _open_request(forge: Forge, repo: str, branch: str) -> MergeRequest | None:
    return next(iter(forge.merge_requests(repo, branch, open_only=True)), None)
