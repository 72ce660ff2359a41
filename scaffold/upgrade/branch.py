"""Push an upgrade to its branch and open its merge request: the thin end that applies a plan.

There is one branch for each template of a repo, updated in place. Its target is in the trailers of
its head, so a run that was killed is finished by the next one, and a second run changes nothing. A
branch that somebody else has pushed to is left alone; so is a target whose merge request was
closed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scaffold.config.branches import HEAL, UPGRADE
from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.git import branches, clones
from scaffold.git.markers import marker_lines
from scaffold.git.tree import CommitTree, Entry, Identity, Tree, change_tree, make_commit
from scaffold.merge.conflicts import conflict_trailers
from scaffold.merge.decisions import Conflict
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.render.provenance import ANSWERS, TREE, BranchHead, read_branch, template_trailers
from scaffold.upgrade.body import request_body, target_mark
from scaffold.upgrade.owners import reviewers
from scaffold.upgrade.plan import Project, UpgradePlan, template_name
from scaffold.upgrade.remote import Remote
from scaffold.upgrade.state import UpgradeState

LABEL = "scaffold-upgrade"
"""What the merge requests of upgrades are labelled with."""


def branch_name(project: Project, template: str, *, heals: bool = False) -> str:
    """The branch of a template of a repo for its upgrades, or what heals it; valid for git."""
    parts = [template_name(template), project.folder]
    if project.answers_path != DEFAULT_NAME:
        parts.append(re.sub(r"\.?copier-answers|\.ya?ml$", "", project.answers_path))
    plain = (re.sub(r"[^A-Za-z0-9_.-]+|\.{2,}|\.lock$", "-", part).strip("-.") for part in parts)
    return (HEAL if heals else UPGRADE) + ("-".join(filter(None, plain)) or "template")


@dataclass(frozen=True)
class BranchState:
    """The state on the forge for a plan, and what applying would do or has done.

    That is the branch's head, the merge request of the branch (where it mutes the plan, the closed
    one), and the conflicts that a person has to look at or has not settled yet. `reopens` is a
    closed one that is taken up again; `note` says why that can't be done, where it was asked for.
    """

    branch: str
    head: str | None
    would: UpgradeState
    request: MergeRequest | None = None
    unsettled: tuple[Conflict, ...] = ()
    reopens: MergeRequest | None = None
    note: str = ""


def look(plan: UpgradePlan, remote: Remote, *, reopen: bool = False) -> BranchState:
    """Say what applying a plan would do, and change nothing. Raises ForgeError.

    With `reopen`, a target whose merge request was closed is taken up again.
    """
    branch = branch_name(plan.project, plan.template, heals=plan.heals)
    head = branches.remote_head(remote.url, branch)
    requests = remote.forge.merge_requests(remote.name, branch) if remote.forge else ()
    request = next((request for request in requests if request.state is RequestState.OPEN), None)
    closed = _turned_down(plan, requests)
    if closed is None:
        return _seen(plan, branch, read_head(plan, remote, branch, head), head, request)
    there = read_head(plan, remote, branch, head) if request or reopen else None
    if request and (target_mark(plan) in request.body or _has_target(there, plan)):
        return _seen(plan, branch, there, head, request)  # somebody has taken it up again
    if not reopen:
        return BranchState(branch, head, UpgradeState.MUTED, closed)
    seen = _seen(plan, branch, there, head, request)
    if request:  # of another target, which gives way to this one
        return seen
    if _has_target(there, plan):
        return replace(seen, reopens=closed)
    why = "is gone" if head is None else "has something else by now"
    note = f"merge request {closed.number} was closed, and its branch {why}: a new one is opened"
    return replace(seen, note=note)


def _turned_down(plan: UpgradePlan, requests: Sequence[MergeRequest]) -> MergeRequest | None:
    """The newest merge request for the target that was closed."""
    mark = target_mark(plan)
    closed = [one for one in requests if one.state is RequestState.CLOSED and mark in one.body]
    return closed[-1] if closed else None


def _has_target(there: BranchHead | None, plan: UpgradePlan) -> bool:
    """Whether a branch has the target of a plan, on whatever main, or somebody's work on one."""
    if there is None or not there.untouched:
        return there is not None
    return (plan.new.commit, plan.answers_digest) == (there.version, there.answers)


def _seen(
    plan: UpgradePlan,
    branch: str,
    there: BranchHead | None,
    head: str | None,
    request: MergeRequest | None,
) -> BranchState:
    """The state of a branch whose target nobody has turned down."""
    conflicts = plan.merged.conflicts
    if there is None:
        return BranchState(branch, head, UpgradeState.OPENED, request, conflicts)
    if not there.untouched:
        return BranchState(branch, head, UpgradeState.HELD, request, _unsettled(plan, there.commit))
    would = UpgradeState.UNCHANGED if _is_for(there, plan) else UpgradeState.UPDATED
    return BranchState(branch, head, would, request, conflicts)


def apply_upgrade(
    plan: UpgradePlan,
    remote: Remote,
    seen: BranchState,
    author: Identity,
    siblings: tuple[str, ...] = (),
) -> BranchState:
    """Push the branch of a plan that changes something, and open or update its merge request.

    `seen` is the state that `look` returned. Raises StalePushError where the branch moved since,
    ForgeError.
    """
    if seen.reopens and remote.forge:  # GitHub reopens none whose branch was replaced before
        remote.forge.reopen_merge_request(remote.name, seen.reopens.number)
    if seen.would.left_alone:
        return replace(seen, request=seen.reopens or seen.request)
    head = seen.head
    if seen.would.pushes:
        head = _commit(plan, author)
        remote.push(head, seen.branch, seen.head)
    return replace(seen, head=head, request=_request(plan, remote, seen.branch, siblings))


def _unsettled(plan: UpgradePlan, head: str) -> tuple[Conflict, ...]:
    """The conflicts whose markers are still on a branch that somebody has pushed to."""
    there, ours = CommitTree(plan.project.store, head, plan.project.folder), plan.project.files
    return tuple(
        conflict
        for conflict in plan.merged.conflicts
        if _markers(there, conflict.path) - _markers(ours, conflict.path)
    )


def _markers(files: Mapping[str, Entry], path: str) -> set[bytes]:
    return marker_lines(files[path].data) if path in files else set()


def read_head(
    plan: UpgradePlan, remote: Remote, branch: str, head: str | None
) -> BranchHead | None:
    """The head of an existing branch; None for one that is in main already."""
    if head is None:
        return None
    project = plan.project
    clones.fetch_missing(remote.folder, remote.url, head, f"refs/heads/{branch}")
    there = read_branch(project.store, head)
    if head == project.head:
        return None
    if there.parent == project.head:  # and so it can't be in main
        return there
    merged = any(store.descendant_of(project.head, head) for store in project.histories())
    return None if merged else there


def _is_for(there: BranchHead, plan: UpgradePlan) -> bool:
    wanted = (plan.project.head, plan.new.commit, plan.answers_digest)
    return wanted == (there.parent, there.version, there.answers)


def _request(
    plan: UpgradePlan, remote: Remote, branch: str, siblings: tuple[str, ...]
) -> MergeRequest | None:
    if remote.forge is None:
        return None
    project = plan.project
    proposal = Proposal(
        title=plan.title,
        body=request_body(plan, siblings),
        draft=bool(plan.merged.conflicts),
        target=plan.project.branch,
        labels=(LABEL,),
        reviewers=reviewers(CommitTree(project.store, project.head), _changed(plan)),
    )
    return remote.forge.open_merge_request(remote.name, branch, proposal)


def _changed(plan: UpgradePlan) -> list[str]:
    folder = plan.project.folder
    return [f"{folder}/{path}" if folder else path for path in plan.merged.changes]


def _commit(plan: UpgradePlan, author: Identity) -> str:
    """Store the commit, with all three sides for whoever settles its conflicts.

    The second parent has the blueprint's side, and the parent of that one the base.
    """
    project = plan.project
    store = project.store
    tree = change_tree(store, project.head, plan.merged.changes, project.folder)
    parents = [project.head]
    if plan.merged.conflicts:
        base = make_commit(store, _side(plan, plan.base), f"Base: {plan.old.name}\n", author)
        name = f"Blueprint: {plan.new.name}\n"
        parents.append(make_commit(store, _side(plan, plan.theirs), name, author, [base]))
    recorded = template_trailers(plan.template, plan.new.name, plan.new.commit)
    recorded += "".join(conflict_trailers(plan.merged.conflicts, project.folder))
    message = f"{plan.title}\n\n{recorded}{ANSWERS}: {plan.answers_digest}\n{TREE}: {tree}\n"
    return make_commit(store, tree, message, author, parents)


def _side(plan: UpgradePlan, tree: Mapping[str, Entry]) -> Tree:
    prefix = f"{plan.project.folder}/" if plan.project.folder else ""
    return {prefix + path: entry for path, entry in tree.items()}
