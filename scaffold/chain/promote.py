"""Promote by hand: an environment gets what the one before it has, whatever the bot waits for."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.propagate import Hands, commit_pin
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.checks import kustomize
from scaffold.errors import ProcessFailedError, PushRefusedError, UsageError
from scaffold.forge import MergeRequest
from scaffold.git import transport
from scaffold.git.tree import read_tree, write_folder


@dataclass(frozen=True)
class PromotionPlan:
    """What a promotion would do: the commit that moves the pin, the manifests before and after."""

    edge: Edge
    repo: ChainRepo
    pinned: str | None
    desired: str
    commit: str
    before: str
    after: str


def plan_promotion(
    chain: ServiceChain, environment: str, judge: Judge, hands: Hands
) -> PromotionPlan | None:
    """Say what would change; None where the environment has what the one before it has.

    Raises UsageError for an environment that is not there, or has nothing to get.
    """
    known = {edge.place: edge for edge in chain.environments}
    if environment not in known:
        raise UsageError(
            f"there is no environment `{environment}`", hint=f"There are: {', '.join(known)}."
        )
    edge = known[environment]
    verdict: Verdict = judge.verdict(chain, edge)
    if verdict.desired is None:
        raise UsageError(
            f"the environment before `{environment}` has nothing yet",
            hint="Promote to that one first.",
        )
    if verdict.desired == verdict.pinned:
        return None
    if verdict.why is Why.DIVERGED:
        raise UsageError(f"can't promote: {verdict.detail}", where=chain.service.name)
    repo = chain.repo(edge.down)
    commit = commit_pin(chain, edge, verdict.desired, repo.head, hands)
    return PromotionPlan(
        edge,
        repo,
        verdict.pinned,
        verdict.desired,
        commit,
        _build(repo, repo.head, environment),
        _build(repo, commit, environment),
    )


def promote(plan: PromotionPlan, hands: Hands) -> MergeRequest | None:
    """Push a promotion, or propose it where main takes no push; the bot's holds end with it.

    Raises StalePushError where main moved since the plan was made.
    """
    repo = plan.repo
    try:
        transport.push(repo.folder, repo.url, plan.commit, "main", expect=repo.head)
    except PushRefusedError:
        branch = f"scaffold/promote-{plan.edge.place}"
        there = transport.remote_head(repo.url, branch)
        transport.push(repo.folder, repo.url, plan.commit, branch, expect=there)
        title = f"Move {plan.edge.place} to {plan.desired[:12]}"
        return hands.forge.open_merge_request(repo.name, branch, title=title, body=title)
    repo.head = plan.commit
    return None


def _build(repo: ChainRepo, commit: str, environment: str) -> str:
    """What an environment builds to at a commit; where it can't be built, why."""
    with tempfile.TemporaryDirectory(prefix="scaffold-promote-") as folder:
        tree = read_tree(repo.store, commit)
        write_folder(tree, Path(folder))
        try:
            return kustomize.build(Path(folder) / "environments" / environment)
        except ProcessFailedError as error:
            return "\n".join(f"# {line}" for line in (str(error.what), *error.details)) + "\n"
