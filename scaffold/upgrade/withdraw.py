"""Close the merge request of an upgrade whose change is in main already."""

from scaffold.forge.api import MergeRequest, Proposal, RequestState
from scaffold.git import branches
from scaffold.git.tree import CommitTree
from scaffold.render.provenance import BranchHead
from scaffold.upgrade.branch import LABEL, branch_name, read_head
from scaffold.upgrade.plan import UpgradePlan, digest
from scaffold.upgrade.remote import Remote
from scaffold.upgrade.state import UpgradeState

_NO_ANSWERS = digest({})


def withdraw(plan: UpgradePlan, remote: Remote) -> MergeRequest | None:
    """Close the open merge request of a repo that is up to date, and delete its branch.

    `plan` is that of an up-to-date repo. Nothing is done where somebody has pushed to the branch,
    or where it has changes that main does not have. Raises ForgeError, StalePushError.
    """
    if remote.forge is None:
        return None
    branch = branch_name(plan.project, plan.template)
    head = branches.remote_head(remote.url, branch)
    there = read_head(plan, remote, branch, head)
    if head is None or there is None or not there.untouched or not _has_come(plan, there):
        return None
    requests = remote.forge.merge_requests(remote.name, branch)
    request = next((request for request in requests if request.state is RequestState.OPEN), None)
    if request is None:
        return None
    # Without the mark of its target, since no person rejected it and nothing must be muted.
    body = (
        f"Closed by scaffold: {plan.project.branch} is at {plan.new.name} already, at commit"
        f" {plan.project.head[:12]}, so there is nothing left of this to merge."
    )
    proposal = Proposal(request.title, body, request.draft, plan.project.branch, (LABEL,))
    remote.forge.open_merge_request(remote.name, branch, proposal)
    remote.forge.close_merge_request(remote.name, request.number)
    branches.drop(remote.folder, remote.url, branch, expect=head)
    return request


def _has_come(plan: UpgradePlan, there: BranchHead) -> bool:
    """Whether main has the version of a branch, or all changes of the branch."""
    has_version = plan.state is UpgradeState.CURRENT
    if has_version and (there.version, there.answers) == (plan.new.commit, _NO_ANSWERS):
        return True
    store = plan.project.store
    if there.parent not in store:
        return False
    before, after = CommitTree(store, there.parent), CommitTree(store, there.commit)
    main = CommitTree(store, plan.project.head)
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    return all(main.get(path) == after.get(path) for path in changed)
