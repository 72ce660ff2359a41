"""Merge requests that propose a move: one a pin, brought up to date in place."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import pygit2
from pygit2.enums import SortMode

from scaffold.chain.commits import is_a_move
from scaffold.chain.decide import Verdict, Why, lifted_by
from scaffold.chain.edges import Edge
from scaffold.chain.moves import commit_pin, title
from scaffold.chain.notes import ReleaseNotes, release_notes, with_diff
from scaffold.chain.notes_text import markdown
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.branches import MOVE
from scaffold.config.platform import Platform
from scaffold.config.propagation import Push
from scaffold.errors import PushRefusedError, StalePushError
from scaffold.forge.api import Forge, MergeRequest, Proposal, RequestState, not_open
from scaffold.git import branches, clones
from scaffold.git.tree import Identity

_WITHDRAWN = "<!-- scaffold-withdrawn -->"
_ONCE_GREEN = "merges itself once its checks are green"
_NOT_YET = "does not merge itself yet: the bot's next pass asks the forge again"
_MARK = re.compile(r"<!-- scaffold-target: ([0-9a-f]+) -->")


@dataclass(frozen=True)
class WriteContext:
    """What it takes to change a repo; in a dry run nothing is changed but `trial`.

    `trial` gets the commits that a dry run made and did not push; it is None else.
    """

    forge: Forge
    platform: Platform
    author: Identity
    trial: set[str] | None = None

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be changed anywhere."""
        return self.trial is not None

    def push(self, repo: ChainRepo, commit: str, branch: str, *, expect: str | None) -> None:
        """Move a branch to a commit. Raises as `branches.push` does.

        A dry run asks whether that would be refused, as far as the forge tells.
        """
        ask = partial(self.forge.may_push, repo.name, branch)
        if self.trial is None:
            branches.push(repo.folder, repo.url, commit, branch, expect=expect, may_push=ask)
            return
        if ask() is False:
            raise PushRefusedError(f"no direct push to `{branch}` is allowed", where=repo.url)
        self.trial.add(commit)


@dataclass(frozen=True)
class Proposed:
    """A merge request; `commit` is new on its branch, or nothing where the branch was right.

    In a dry run a request that is not open yet has no number and no address.
    """

    request: MergeRequest
    commit: str
    notes: ReleaseNotes


def known_requests(
    chain: ServiceChain, edge: Edge, context: WriteContext
) -> tuple[MergeRequest, ...]:
    """All merge requests that there were for a pin, oldest first."""
    return context.forge.merge_requests(chain.repo(edge.down).name, _branch(edge))


def turned_down(
    chain: ServiceChain, edge: Edge, desired: str, known: Sequence[MergeRequest]
) -> MergeRequest | None:
    """The merge request that somebody closed and that keeps this move from being proposed again.

    It counts for its commit, and until the next merge request for all that amounts to the same.
    One that the bot closed itself turns nothing down, and none does where an older one is open: a
    pin has one open merge request, so somebody reopened that one after this was closed.
    """
    known = [request for request in known if not _is_withdrawn(request)]
    refused = [request for request in known if request.state is RequestState.CLOSED]
    closed = next((one for one in reversed(refused) if _target(one) == desired), None)
    if closed is None and refused and known[-1] is refused[-1]:
        target = _target(refused[-1])
        if target and chain.artefact(edge.up, target) == chain.artefact(edge.up, desired):
            closed = refused[-1]
    if closed is None:
        return None
    still_open = (request for request in known if request.state is RequestState.OPEN)
    goes_on = any(one.number < closed.number or _target(one) == desired for one in still_open)
    return None if goes_on else closed


def muted(chain: ServiceChain, verdict: Verdict, closed: MergeRequest) -> Verdict:
    """What becomes of a pin whose merge request somebody closed."""
    reopen = f"scaffold merge-request reopen {closed.repo} {closed.number}"
    lifted = lifted_by(chain, verdict.edge)
    detail = f"its merge request was closed; {lifted}, or: {reopen}"
    return replace(verdict, why=Why.HELD, detail=detail)


def with_request(chain: ServiceChain, verdict: Verdict, context: WriteContext) -> Verdict:
    """A pin that goes by merge request, with the one that is open; or muted."""
    edge = verdict.edge
    known = known_requests(chain, edge, context)
    if closed := turned_down(chain, edge, verdict.desired or "", known):
        return muted(chain, verdict, closed)
    found = [one for one in known if one.state is RequestState.OPEN]
    if not found:
        return verdict
    request, waits = found[-1], None
    if _merges_itself(edge, context):
        waits = context.forge.merges_itself(chain.repo(edge.down).name, request.number)
    if waits is None:
        return replace(verdict, request=request)
    return replace(verdict, request=request, detail=_ONCE_GREEN if waits else _NOT_YET)


def propose(
    chain: ServiceChain,
    edge: Edge,
    desired: str,
    context: WriteContext,
    known: Sequence[MergeRequest],
    *,
    look: bool = False,
) -> Proposed:
    """Propose a move; the one open merge request of the pin is brought up to date in place.

    `known` has the merge requests that there were. `look` asks the forge where the branch is, in
    place of what was seen when the repo was opened.
    Raises StalePushError where the branch moved meanwhile.
    """
    repo, branch = chain.repo(edge.down), _branch(edge)
    there = branches.remote_head(repo.url, branch) if look else repo.branch(branch)
    if there is not None:
        clones.fetch_missing(repo.folder, repo.url, there)
    commit = ""
    if there is None or not _proposes(chain, edge, desired, there):
        merged = bool(known) and known[-1].state is RequestState.MERGED
        kept = there if there and not merged and _is_foreign(repo, edge, there) else None
        commit = commit_pin(
            chain, edge, desired, kept or repo.head, context.platform, context.author
        ).commit
        context.push(repo, commit, branch, expect=there)
    notes = with_diff(
        release_notes(chain, edge, desired, repo.head, context.platform.forge.kind),
        chain,
        edge,
        repo.head,
        commit or there or "",
    )
    said = title(chain, edge, desired)
    body = f"{markdown(notes)}<!-- scaffold-target: {desired} -->\n"
    there_already = next(
        (
            one
            for one in known
            if one.state is RequestState.OPEN and (one.title, one.body) == (said, body)
        ),
        None,
    )
    merges_itself = _merges_itself(edge, context)
    # A forge takes no request to merge itself before there is a pipeline, and may drop one.
    if context.dry_run:
        opened = not_open(repo.name, said, body, branch)
        found = (one for one in known if one.state is RequestState.OPEN)
        return Proposed(next(found, opened), commit, notes)
    if there_already and not commit and not merges_itself:
        return Proposed(there_already, commit, notes)
    wanted = Proposal(said, body, auto_merge=merges_itself)
    request = context.forge.open_merge_request(repo.name, branch, wanted)
    return Proposed(request, commit, notes)


def withdraw(
    chain: ServiceChain, edge: Edge, context: WriteContext, objection: Callable[[str], str]
) -> tuple[MergeRequest, str] | None:
    """Close the open merge request of a pin where there is an objection to its target; with both.

    So is one whose branch main has, by somebody's push; that branch is deleted. Somebody else's
    work on a branch keeps it open. The forge is asked only where there is a branch.
    """
    repo = chain.repo(edge.down)
    there = repo.branch(_branch(edge))
    if there is None:
        return None
    if there == repo.head or repo.is_ancestor(there, repo.head):
        closed = _close(chain, edge, context, f"{edge.place} has it already")
        if not context.dry_run:
            with suppress(PushRefusedError, StalePushError):  # it stays where nobody may delete it
                branches.drop(repo.folder, repo.url, _branch(edge), expect=there)
        return closed
    if _is_foreign(repo, edge, there) or (pin := chain.pinned(edge, there)) is None:
        return None
    if not (why := objection(pin.commit)):
        return None
    return _close(chain, edge, context, why)


def _close(
    chain: ServiceChain, edge: Edge, context: WriteContext, why: str
) -> tuple[MergeRequest, str] | None:
    """Close the open merge request of a pin, so that it does not count as turned down."""
    repo = chain.repo(edge.down)
    known = known_requests(chain, edge, context)
    request = next((one for one in known if one.state is RequestState.OPEN), None)
    if request is None or context.dry_run:
        return None if request is None else (replace(request, state=RequestState.CLOSED), why)
    found = request
    if not _is_withdrawn(request):
        body = f"{request.body.rstrip()}\n\nClosed by the bot: {why}.\n\n{_WITHDRAWN}\n"
        wanted = Proposal(request.title, body)
        found = context.forge.open_merge_request(repo.name, request.branch, wanted)
    if found.state is RequestState.OPEN:  # it may have come to see that main has its branch
        context.forge.close_merge_request(repo.name, request.number)
    return replace(request, state=RequestState.CLOSED), why


def _merges_itself(edge: Edge, context: WriteContext) -> bool:
    """Whether policy wants the forge to merge what is proposed for a pin."""
    return context.platform.propagation.push is Push.AUTO_MERGE and not edge.needs_a_person


def _is_withdrawn(request: MergeRequest) -> bool:
    return request.body.rstrip().endswith(_WITHDRAWN)


def _branch(edge: Edge) -> str:
    return f"{MOVE}{edge.place}"


def _target(request: MergeRequest) -> str:
    """The commit that a merge request would bring; a subject above may look like the mark."""
    found = _MARK.findall(request.body)
    return str(found[-1]) if found else ""


def _proposes(chain: ServiceChain, edge: Edge, desired: str, there: str) -> bool:
    """Whether a branch makes this very move, and merges: main's pin is what it started from."""
    repo = chain.repo(edge.down)
    pin = chain.pinned(edge, there)
    base = repo.store.merge_base(pygit2.Oid(hex=repo.head), pygit2.Oid(hex=there))
    if pin is None or pin.commit != desired or base is None:
        return False
    return repo.text(edge.path, str(base)) == repo.text(edge.path)


def _is_foreign(repo: ChainRepo, edge: Edge, there: str) -> bool:
    """Whether somebody else's work is on a branch, which is added to and never replaced."""
    walk = repo.store.walk(pygit2.Oid(hex=there), SortMode.NONE)
    walk.hide(pygit2.Oid(hex=repo.head))
    return any(not is_a_move(commit, edge) for commit in walk)
