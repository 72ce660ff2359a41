"""What the bot would do about each pin, and why: a value, made by looking alone."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scaffold.chain.candidates import Candidate, candidates
from scaffold.chain.edges import Edge
from scaffold.chain.history import pin_values
from scaffold.chain.holds import held_artefacts
from scaffold.chain.repos import ServiceChain, refresh
from scaffold.config.environment import Promotion
from scaffold.config.places import retire_marker
from scaffold.config.platform import Platform
from scaffold.config.policy import policy_of
from scaffold.config.propagation import Push, Require
from scaffold.forge.api import MergeRequest, StatusState

# How many commits after a change its status is looked for at.
_LATER_COMMITS = 20
# How many commits are looked at, beside the newest, for one that is green.
_OLDER = 20
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
    ABSENT = "absent"  # the repo has no such pin, so there is nothing to move
    WITHDRAWN = "withdrawn"  # its open merge request was closed: it has nothing to it any more
    DIVERGED = "diverged"  # what is pinned is not in the history of what would come
    UNKNOWN = "unknown"  # a repo can't be read that it takes to tell


@dataclass(frozen=True)
class Verdict:
    """One pin: what it is, what it would be, what becomes of it and why.

    `request` is the open merge request that it waits for, where that was looked for.
    """

    edge: Edge
    pinned: str | None
    desired: str | None
    why: Why
    detail: str = ""
    request: MergeRequest | None = None


@dataclass(frozen=True)
class Judge:
    """Judges pins by the platform's policy, at a moment."""

    platform: Platform
    statuses: Statuses
    now: datetime

    def verdict(self, chain: ServiceChain, edge: Edge) -> Verdict:
        """Say what becomes of one pin: the newest that may come does.

        Raises ConfigError for a malformed one, ForgeError.
        """
        newest = self.of_newest(chain, edge)
        if newest.why in (Why.SOAKING, Why.WAITING):
            return self._of_older(chain, edge, newest)
        return newest

    def of_newest(self, chain: ServiceChain, edge: Edge) -> Verdict:
        """Say what becomes of a pin if nothing but the newest is to come. Raises the same."""
        repo = chain.repo(edge.down)
        if repo.text(edge.path) is None:
            # Blueprints never render a pin: `new` and `upgrade` write the first one.
            return Verdict(edge, None, None, Why.ABSENT, f"{repo.name} has no {edge.path}")
        pin = chain.pinned(edge)
        pinned = pin.commit if pin else None
        desired = self._desired(chain, edge)
        if pinned is not None and not self._is_forward(chain, edge, pinned, desired):
            # Another bot may have pinned what came after we looked.
            refresh(chain.repo(edge.up))
            desired = self._desired(chain, edge)
        return Verdict(edge, pinned, desired, *self._becomes(chain, edge, pinned, desired))

    def _of_older(self, chain: ServiceChain, edge: Edge, newest: Verdict) -> Verdict:
        """The verdict on the newest one that may come where the very newest has to wait.

        Nothing is taken that is older than what somebody took back.
        """
        pinned, told, asked = newest.pinned, newest, 0
        held = self._held(chain, edge)
        for one in candidates(chain, edge):
            if one.commit == newest.desired:
                continue
            if not self._is_forward(chain, edge, pinned or one.commit, one.commit):
                break
            if held and chain.artefact(edge.up, one.commit) in held:
                break
            if soaks := self._soaks(edge, one):
                if told.why is Why.SOAKING:
                    told = Verdict(edge, pinned, one.commit, *soaks)
                continue
            why, detail = self._becomes(chain, edge, pinned, one.commit, one)
            if why in (Why.MOVE, Why.REQUEST):
                return Verdict(edge, pinned, one.commit, why, detail)
            asked += 1
            if why is not Why.WAITING or asked == _OLDER:
                break
        return told

    def unjudged(self, chain: ServiceChain, edge: Edge) -> Verdict:
        """What is known of a pin that no verdict can be had of, whatever the reason is."""
        pinned = desired = None
        with suppress(Exception):
            pin = chain.pinned(edge)
            pinned = pin.commit if pin else None
        with suppress(Exception):
            desired = self._desired(chain, edge)
        return Verdict(edge, pinned, desired, Why.UNKNOWN)

    def objection(self, chain: ServiceChain, verdict: Verdict, target: str) -> str:
        """Why an open proposal to move a pin to `target` has nothing to it; empty where it has.

        One that merely waits (for a status, the end of a freeze) may still be merged by a person.
        """
        edge, pinned, desired = verdict.edge, verdict.pinned, self._desired(chain, verdict.edge)
        above = chain.repo(edge.up)
        if verdict.why in (Why.RETIRED, Why.ABSENT):
            return verdict.detail
        if target == pinned:
            return f"{edge.place} has it already"
        if pinned is not None and above.is_ancestor(target, pinned):
            return f"{edge.place} has a newer one"
        if self._is_same(chain, edge, pinned, target):
            return f"{edge.place} has what amounts to the same"
        if desired is None or (target != desired and not above.is_ancestor(target, desired)):
            before = chain.before(edge)
            return f"{before.place if before else above.name} does not have it any more"
        if verdict.why is Why.CURRENT:
            return f"what would come now amounts to what {edge.place} has"
        place = self._held_at(chain, edge, target)
        return f"somebody moved {place} away from it" if place else ""

    def by_request(self, edge: Edge) -> bool:
        """Whether policy wants what comes here proposed, in place of pushed."""
        return self.platform.propagation.push is not Push.DIRECT or edge.needs_a_person

    def _becomes(
        self,
        chain: ServiceChain,
        edge: Edge,
        pinned: str | None,
        desired: str | None,
        candidate: Candidate | None = None,
    ) -> tuple[Why, str]:
        """What becomes of a pin that would get `desired`, which is the newest by default."""
        if desired is None or desired == pinned or self._is_same(chain, edge, pinned, desired):
            return Why.CURRENT, ""
        if pinned is not None and not self._is_forward(chain, edge, pinned, desired):
            if chain.before(edge) and chain.repo(edge.up).is_ancestor(desired, pinned):
                return Why.CURRENT, "it has a newer one than the stage before"
            return Why.DIVERGED, f"{pinned[:12]} is not in the history of {desired[:12]}"
        if edge.environment and chain.repo(edge.down).text(retire_marker(edge.place)) is not None:
            return Why.RETIRED, "the environment is retired"
        if chain.service.paused:
            return Why.PAUSED, "the service is paused"
        policy = policy_of(self.platform, chain.service.policy, edge.environment)
        if frozen := policy.frozen(self.now):
            return Why.FROZEN, frozen
        if place := self._held_at(chain, edge, desired):
            return Why.HELD, f"somebody took this back in {place}; {lifted_by(chain, edge)}"
        if waits := self._waits(edge, candidate or next(candidates(chain, edge))):
            return waits
        return (Why.REQUEST if self.by_request(edge) else Why.MOVE), ""

    def _is_same(self, chain: ServiceChain, edge: Edge, pinned: str | None, desired: str) -> bool:
        """Whether what would come amounts to what is there: nothing but docs, CI or answers."""
        if pinned is None or not chain.repo(edge.up).has(pinned):
            return False
        return chain.artefact(edge.up, pinned) == chain.artefact(edge.up, desired)

    def _is_forward(
        self, chain: ServiceChain, edge: Edge, pinned: str, desired: str | None
    ) -> bool:
        if desired is None or desired == pinned:
            return True
        return chain.repo(edge.up).is_ancestor(pinned, desired)

    def _desired(self, chain: ServiceChain, edge: Edge) -> str | None:
        """The head of the repo above, or what the environment before has."""
        before = chain.before(edge)
        if before is None:
            return chain.repo(edge.up).head
        pin = chain.pinned(before)
        return pin.commit if pin else None

    def _held_at(self, chain: ServiceChain, edge: Edge, desired: str) -> str:
        """The place of the pin that a human moved away from what would come, or nothing.

        It counts at that pin and at every later stage, and for what the commit pins itself.
        """
        stage: Edge | None = edge
        while stage is not None:
            held = self._held(chain, stage)
            if held and chain.artefact(stage.up, desired) in held:
                return stage.place
            stage = chain.before(stage)
        if above := chain.above(edge.up):
            pin = chain.pinned(above, desired)
            if pin is not None and chain.repo(above.up).has(pin.commit):
                return self._held_at(chain, above, pin.commit)
        return ""

    def _held(self, chain: ServiceChain, edge: Edge) -> frozenset[str]:
        return held_artefacts(
            pin_values(chain.repo(edge.down), edge),
            is_ancestor=chain.repo(edge.up).is_ancestor,
            artefact=lambda commit: chain.artefact(edge.up, commit),
        )

    def _waits(self, edge: Edge, candidate: Candidate) -> tuple[Why, str] | None:
        return self._soaks(edge, candidate) or self._not_green(candidate)

    def _soaks(self, edge: Edge, candidate: Candidate) -> tuple[Why, str] | None:
        if edge.environment is None or edge.environment.promotion is not Promotion.SOAK:
            return None
        ready = candidate.began + edge.environment.soak
        if self.now >= ready:
            return None
        return Why.SOAKING, f"until {ready.isoformat(timespec='minutes')}"

    def _not_green(self, candidate: Candidate) -> tuple[Why, str] | None:
        """Why a status is not green yet, or None.

        CI runs at the last commit of each push alone, which may be one after the change.
        """
        if self.platform.propagation.require is Require.NONE:
            return None
        repo, name, tried = candidate.repo, candidate.status, candidate.tried
        state = None
        for commit in tried[-_LATER_COMMITS:]:
            state = self.statuses(repo.name, str(commit.id)).get(name)
            if state is not None:
                break
        if state is StatusState.SUCCESS:
            return None
        told = state.value if state else "not there"
        return Why.WAITING, f"the status `{name}` of {repo.name} {str(tried[-1].id)[:12]} is {told}"


def lifted_by(chain: ServiceChain, edge: Edge) -> str:
    """What ends a hold at a pin, in words; only an environment can be promoted to."""
    change = "the next change that is more than docs lifts that"
    if edge.environment is None:
        return change
    return f"{change}, or: scaffold promote {chain.service.name} --to {edge.place}"
