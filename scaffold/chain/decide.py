"""What the bot would do about each pin, and why: a value, made by looking alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import pygit2

from scaffold.chain.edges import Edge
from scaffold.chain.holds import held_artefacts
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.forge import StatusState
from scaffold.model.blueprint import PinKind
from scaffold.model.platform import Platform, Promotion, Push, Require

# The status that a commit's own pipeline gives it, by the kind of the pin that follows it.
_STATUSES = {PinKind.UPSTREAM: "test", PinKind.IMAGE: "image", PinKind.RELEASE: "validate"}
# Status of a commit of a repo by name: repo name, commit -> name -> state.
Statuses = Callable[[str, str], Mapping[str, StatusState]]


class Why(StrEnum):
    """What becomes of a pin."""

    MOVE = "move"
    REQUEST = "request"  # by a merge request that a person merges
    CURRENT = "current"
    WAITING = "waiting"  # for a green status
    SOAKING = "soaking"
    HELD = "held"  # a human moved it away from this artefact
    FROZEN = "frozen"
    PAUSED = "paused"
    RETIRED = "retired"
    DIVERGED = "diverged"  # what is pinned is not in the history of what would come


@dataclass(frozen=True)
class Verdict:
    """One pin: what it is, what it would be, what becomes of it and why."""

    edge: Edge
    pinned: str | None
    desired: str | None
    why: Why
    detail: str = ""


@dataclass(frozen=True)
class Judge:
    """Judges pins by the platform's policy, at a moment."""

    platform: Platform
    statuses: Statuses
    now: datetime

    def verdict(self, chain: ServiceChain, edge: Edge) -> Verdict:
        """Say what becomes of one pin. Raises ConfigError for a malformed one, ForgeError."""
        pin = chain.pinned(edge)
        pinned = pin.commit if pin else None
        desired = self._desired(chain, edge)

        def end(why: Why, detail: str = "") -> Verdict:
            return Verdict(edge, pinned, desired, why, detail)

        if desired is None or desired == pinned:
            return end(Why.CURRENT)
        up = chain.repo(edge.up)
        if pinned is not None and not up.is_ancestor(pinned, desired):
            if up.is_ancestor(desired, pinned):
                return end(Why.CURRENT, "it has a newer one than the stage before")
            return end(Why.DIVERGED, f"{pinned[:12]} is not in the history of {desired[:12]}")
        if edge.environment and chain.repo(edge.down).text(marker_path(edge)) is not None:
            return end(Why.RETIRED, "the environment is retired")
        if chain.service.paused:
            return end(Why.PAUSED, "the service is paused")
        if frozen := self._frozen(edge):
            return end(Why.FROZEN, frozen)
        if place := self._held_at(chain, edge, desired):
            return end(Why.HELD, f"somebody moved {place} away from what {desired[:12]} amounts to")
        if waits := self._waits(chain, edge, desired):
            return end(*waits)
        return end(Why.REQUEST if self._by_request(edge) else Why.MOVE)

    def _desired(self, chain: ServiceChain, edge: Edge) -> str | None:
        """The head of the repo above, or what the environment before has."""
        before = self._before(chain, edge)
        if before is None:
            return chain.repo(edge.up).head
        pin = chain.pinned(before)
        return pin.commit if pin else None

    def _before(self, chain: ServiceChain, edge: Edge) -> Edge | None:
        if edge.environment is None or edge.environment.after is None:
            return None
        names = {e.environment.name: e for e in chain.environments if e.environment}
        return names[edge.environment.after]

    def _frozen(self, edge: Edge) -> str:
        for freeze in self.platform.propagation.freeze:
            concerned = not freeze.environments or edge.place in freeze.environments
            if concerned and freeze.start <= self.now < freeze.until:
                return freeze.reason or f"until {freeze.until.isoformat()}"
        return ""

    def _held_at(self, chain: ServiceChain, edge: Edge, desired: str) -> str:
        """The place of the pin that a human moved away from what would come, or nothing.

        It counts at that pin and at every later stage, and for what the commit pins itself.
        """
        stage: Edge | None = edge
        while stage is not None:
            if chain.artefact(stage.up, desired) in self._held(chain, stage):
                return stage.place
            stage = self._before(chain, stage)
        for above in chain.edges:
            if above.down == edge.up and above.environment is None:
                pin = chain.pinned(above, desired)
                if pin is not None and chain.repo(above.up).has(pin.commit):
                    return self._held_at(chain, above, pin.commit)
        return ""

    def _held(self, chain: ServiceChain, edge: Edge) -> frozenset[str]:
        down, up = chain.repo(edge.down), chain.repo(edge.up)
        return held_artefacts(
            pin_values(down, edge),
            is_ancestor=up.is_ancestor,
            artefact=lambda commit: chain.artefact(edge.up, commit),
        )

    def _waits(self, chain: ServiceChain, edge: Edge, desired: str) -> tuple[Why, str] | None:
        before = self._before(chain, edge)
        if before is None:
            repo = chain.repo(edge.up)
            return self._not_green(repo, desired, _STATUSES[edge.kind])
        policy = edge.environment.promotion if edge.environment else Promotion.AUTOMATIC
        env = chain.repo(edge.down)
        changed = last_change(env, before.path)
        if policy is Promotion.SOAK and edge.environment is not None:
            ready = committed_at(changed) + timedelta(hours=edge.environment.soak_hours)
            if self.now < ready:
                return Why.SOAKING, f"until {ready.isoformat(timespec='minutes')}"
        if policy is Promotion.MERGE_REQUEST:
            return None
        return self._not_green(env, str(changed.id), f"smoke/{before.place}")

    def _not_green(self, repo: ChainRepo, commit: str, name: str) -> tuple[Why, str] | None:
        if self.platform.propagation.require is Require.NONE:
            return None
        state = self.statuses(repo.name, commit).get(name)
        if state is StatusState.SUCCESS:
            return None
        told = state.value if state else "not there"
        return Why.WAITING, f"the status `{name}` of {repo.name} {commit[:12]} is {told}"

    def _by_request(self, edge: Edge) -> bool:
        if edge.environment is not None and edge.environment.after is not None:
            return edge.environment.promotion is Promotion.MERGE_REQUEST
        return self.platform.propagation.push is Push.MERGE_REQUEST


def marker_path(edge: Edge) -> str:
    """The file that tells that an environment is retired: nothing comes there any more."""
    return f"environments/{edge.place}/retire.yml"


def pin_values(repo: ChainRepo, edge: Edge) -> list[str | None]:
    """What a pin was along main's first parents, oldest first, each value once in a row."""
    values: list[str | None] = []
    seen: dict[str, str | None] = {}
    for commit in reversed(repo.first_parents()):
        tree = commit.tree
        if edge.path not in tree:
            continue
        blob = str(tree[edge.path].id)
        if blob not in seen:
            seen[blob] = _value(repo, edge, str(commit.id))
        if not values or values[-1] != seen[blob]:
            values.append(seen[blob])
    return values


def _value(repo: ChainRepo, edge: Edge, commit: str) -> str | None:
    pin = edge.read(repo.text(edge.path, commit) or "")
    return pin.commit if pin else None


def last_change(repo: ChainRepo, path: str) -> pygit2.Commit:
    """The last commit of main that changed a file."""
    commits = repo.first_parents()
    for commit, parent in pairwise(commits):
        here = commit.tree[path].id if path in commit.tree else None
        there = parent.tree[path].id if path in parent.tree else None
        if here != there:
            return commit
    return commits[-1]


def committed_at(commit: pygit2.Commit) -> datetime:
    """When a commit was made."""
    return datetime.fromtimestamp(commit.commit_time, tz=UTC)
