"""Promote by hand: an environment gets what the one before it has, whatever the bot waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.moves import commit_pin
from scaffold.chain.notes import ReleaseNotes, with_diff
from scaffold.chain.propagate import Event
from scaffold.chain.proposals import WriteContext, known_requests, propose
from scaffold.chain.quoting import one_line
from scaffold.chain.repos import ServiceChain, refresh
from scaffold.checks import kustomize
from scaffold.config.places import environment_folder
from scaffold.errors import (
    CheckFailedError,
    ProcessFailedError,
    PushRefusedError,
    ScaffoldError,
    StalePushError,
    ToolMissingError,
    UsageError,
)
from scaffold.forge.api import MergeRequest
from scaffold.git import branches
from scaffold.git.folders import write_folder
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import read_tree

HOLD = "a hold, which ends with it"
_ATTEMPTS = 5


@dataclass(frozen=True)
class PromotionPlan:
    """What a promotion would do: the commit that moves the pin, the manifests before and after.

    `notes` say what it brings, `past` what the bot would have waited for, a phrase each.
    """

    chain: ServiceChain
    edge: Edge
    pinned: str | None
    desired: str
    commit: str
    before: str
    after: str
    notes: ReleaseNotes
    past: tuple[str, ...] = ()


def plan_promotion(
    chain: ServiceChain, environment: str, judge: Judge, context: WriteContext
) -> PromotionPlan | None:
    """Say what would change; None where the environment has what the one before it has.

    Raises UsageError for an environment that is not there, or has nothing to get, CheckFailedError
    where kustomize can't build what it would get, and what `release_changes` raises.
    """
    known = {edge.place: edge for edge in chain.environments}
    if environment not in known:
        there = f"There are: {', '.join(known)}." if known else "The service has none."
        raise UsageError(f"there is no environment `{environment}`", hint=there)
    edge = known[environment]
    verdict = judge.of_newest(chain, edge)
    if verdict.desired is not None and verdict.desired == verdict.pinned:
        return None
    desired = _promotable(chain, verdict, environment)
    repo = chain.repo(edge.down)
    move = commit_pin(chain, edge, desired, repo.head, context.platform, context.author)
    return PromotionPlan(
        chain,
        edge,
        verdict.pinned,
        desired,
        move.commit,
        _shown(chain, edge, repo.head),
        _builds(chain, edge, move.commit),
        with_diff(move.notes, chain, edge, repo.head, move.commit),
        tuple(_past(judge, edge, verdict)),
    )


def _past(judge: Judge, edge: Edge, verdict: Verdict) -> Iterator[str]:
    if judge.by_request(edge):
        yield f"{edge.place} takes a release by a merge request"
    if verdict.why is Why.HELD:
        yield HOLD
    elif verdict.why not in (Why.MOVE, Why.REQUEST):
        yield f"{verdict.why}, {verdict.detail}"


def _promotable(chain: ServiceChain, verdict: Verdict, environment: str) -> str:
    """The commit that the environment may get. Raises UsageError."""
    if verdict.why in (Why.ABSENT, Why.RETIRED):
        raise UsageError(f"can't promote: {verdict.detail}", where=chain.service.name)
    if verdict.desired is None:
        raise UsageError(
            f"the environment before `{environment}` has nothing yet",
            hint="Promote to that one first.",
        )
    if verdict.why is Why.CURRENT:
        raise UsageError(
            f"can't promote: {verdict.detail}",
            where=chain.service.name,
            hint=f"To go back in `{environment}`, revert the commit that changed its release.",
        )
    return verdict.desired


def promote(plan: PromotionPlan, context: WriteContext) -> MergeRequest | None:
    """Push a promotion, or propose it where main takes no push; the bot's holds end with it.

    Raises StalePushError where the environment changed since the plan was made, CheckFailedError
    where it can't be built any more.
    """
    chain, edge = plan.chain, plan.edge
    repo, commit = chain.repo(edge.down), plan.commit
    ask = partial(context.forge.may_push, repo.name, "main")
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            branches.push(repo.folder, repo.url, commit, "main", expect=repo.head, may_push=ask)
        except StalePushError:
            seen = repo.text(edge.path)
            refresh(repo)
            if attempt == _ATTEMPTS or repo.text(edge.path) != seen:
                raise
            commit = commit_pin(
                chain, edge, plan.desired, repo.head, context.platform, context.author
            ).commit
            _builds(chain, edge, commit)  # not the pin alone decides that
            continue
        except PushRefusedError:
            return request(plan, context)
        repo.head = commit
        break
    return None


def request(plan: PromotionPlan, context: WriteContext) -> MergeRequest:
    """Propose a promotion, for somebody else to decide. Raises ForgeError, StalePushError."""
    chain, edge = plan.chain, plan.edge
    known = known_requests(chain, edge, context)
    return propose(chain, edge, plan.desired, context, known, look=True).request


def event(plan: PromotionPlan, by: str, proposed: MergeRequest | None) -> Event:
    """What was done, as a pass of the bot would tell it; `by` is who did it."""
    past = f", past policy: {'; '.join(plan.past)}" if plan.past and not proposed else ""
    why = Why.REQUEST if proposed else Why.MOVE
    repo = plan.chain.repo(plan.edge.down)
    verdict = Verdict(plan.edge, plan.pinned, plan.desired, why, f"by {one_line(by)}{past}")
    commit = plan.commit if proposed else repo.head
    return Event(plan.chain.service.name, repo.name, verdict, commit, proposed, plan.notes)


def _shown(chain: ServiceChain, edge: Edge, commit: str) -> str:
    """What an environment builds to at a commit; where it can't be built, why, and the pin.

    What runs now may be what can't be built, and a promotion the way out of that.
    """
    try:
        return _build(chain, edge, commit)
    except (ProcessFailedError, ToolMissingError) as error:
        return _not_built(chain, edge, commit, error)


def _builds(chain: ServiceChain, edge: Edge, commit: str) -> str:
    """What an environment would build to, which it has to; the pin where no program is there."""
    try:
        return _build(chain, edge, commit)
    except ToolMissingError as error:
        return _not_built(chain, edge, commit, error)
    except ProcessFailedError as error:
        folder = environment_folder(edge.place)
        raise CheckFailedError(
            f"kustomize can't build what {edge.place} would get",
            where=chain.repo(edge.down).name,
            hint=f"Nothing was changed. Mend it in {edge.up} or below {folder}.",
            details=error.details or (error.what,),
        ) from error


def _build(chain: ServiceChain, edge: Edge, commit: str) -> str:
    repo = chain.repo(edge.down)
    with scratch_folder() as top:
        write_folder(read_tree(repo.store, commit, repo.url), top)
        overlay = top / environment_folder(edge.place)
        return kustomize.build(overlay, repo=top)


def _not_built(chain: ServiceChain, edge: Edge, commit: str, error: ScaffoldError) -> str:
    said = [error.what, *error.details, error.hint]
    pin = chain.repo(edge.down).text(edge.path, commit) or ""
    return "".join(f"# {line}\n" for line in said if line) + pin
