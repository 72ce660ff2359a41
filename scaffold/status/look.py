"""What is known of a service: its repos and the forge, looked at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property

from scaffold.bot.passes import Bot, Known
from scaffold.chain.commits import told_sources
from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.proposals import WriteContext, with_request
from scaffold.chain.repos import ServiceChain
from scaffold.chain.statuses import newest_statuses
from scaffold.config.branches import UPGRADE, Purpose, proposed_from
from scaffold.config.platform import Platform
from scaffold.config.service import Service, ServiceState
from scaffold.errors import ScaffoldError
from scaffold.forge.api import Forge, MergeRequest
from scaffold.forge.registry import open_forge
from scaffold.git.faults import explained
from scaffold.git.tree import Identity
from scaffold.status.adoption import adoption
from scaffold.status.deploys import last_deploys
from scaffold.status.line import ServiceLine
from scaffold.status.timeline import timeline
from scaffold.status.versions import Releases, versions_of

_NOBODY = Identity("", "")  # who only looks makes no commits
_TOLD = 100  # happenings of one service


def state_of(service: Service) -> str:
    """Where a service of the catalog is in its life, in the words of `status`."""
    is_active = service.state is ServiceState.ACTIVE
    return "paused" if service.paused and is_active else service.state.value


def entry_line(service: Service, error: ScaffoldError | None = None) -> ServiceLine:
    """What the catalog says of a service, and why no more is known."""
    return ServiceLine(
        service.name, service.owner, service.blueprint, state_of(service), error=error
    )


@dataclass(frozen=True)
class Look:
    """Looks at services of a platform as they are at a moment; with `told` at their stories, too.

    It can be sent to another process until it is used; there it opens the forge for itself.
    """

    platform: Platform
    now: datetime
    told: bool

    def __call__(self, service: Service) -> ServiceLine:
        """What is known of a service, and why not all. Raises ForgeError without a token."""
        if service.state is not ServiceState.ACTIVE:
            return entry_line(service)
        statuses = cache(self._bot.forge.statuses)
        judge = Judge(self.platform, statuses, self.now)
        try:
            chain = self._bot.chain(service, self._edges)
        except Exception as error:  # noqa: BLE001 - whatever one service brings out
            return entry_line(service, explained(error))
        context = WriteContext(self._bot.forge, self.platform, _NOBODY)
        seen = [_pin(judge, chain, edge, context) for edge in chain.edges]
        kind = self.platform.forge.kind
        line = replace(
            entry_line(service, next((error for _, error in seen if error), None)),
            pins=tuple(pin for pin, _ in seen),
            sources={edge.place: told_sources(chain, edge, kind) for edge in chain.edges},
            no_release={edge.up: edge.no_release for edge in chain.edges if edge.no_release},
        )
        if line.error is not None:
            return line
        try:
            newest = newest_statuses(chain, statuses)
            released = {place for place, sources in line.sources.items() if sources}
            return replace(
                line,
                deploys=last_deploys(chain, released, newest, kind),
                statuses=newest,
                versions=versions_of(chain, self._releases),
                proposals=tuple(_proposals(self._bot.forge, chain)),
                timeline=timeline(chain, kind, _TOLD) if self.told else (),
                adopted=adoption(chain) if self.told else (),
            )
        except Exception as error:  # noqa: BLE001 - whatever one repo brings out
            return replace(line, error=explained(error))

    @cached_property
    def _bot(self) -> Bot:
        return Bot(self.platform, (), open_forge(self.platform.forge), _NOBODY)

    @cached_property
    def _edges(self) -> Known:
        return {}

    @cached_property
    def _releases(self) -> Releases:
        return Releases(self.platform)


def _proposals(forge: Forge, chain: ServiceChain) -> Iterator[MergeRequest]:
    """The forge is asked only where there is a branch."""
    for part in chain.service.repos:
        repo = chain.repo(part)
        for branch in repo.branches(UPGRADE):
            if proposed_from(branch, platform=False).purpose is not Purpose.MOVE:
                yield from forge.merge_requests(repo.name, branch, open_only=True)


def _pin(
    judge: Judge, chain: ServiceChain, edge: Edge, context: WriteContext
) -> tuple[Verdict, ScaffoldError | None]:
    """What is known of a pin, and why that is not all; one that fails does not hide the others."""
    try:
        verdict = judge.verdict(chain, edge)
    except Exception as error:  # noqa: BLE001 - whatever one pin brings out
        return judge.unjudged(chain, edge), explained(error)
    if verdict.why is not Why.REQUEST:
        return verdict, None
    try:
        return with_request(chain, verdict, context), None
    except Exception as error:  # noqa: BLE001 - whatever one repo brings out
        return verdict, explained(error)
