"""The bot: passes over the services of a platform, each of which is left as it is by the next.

Nothing is remembered between passes, so it can be stopped, killed and started anywhere, twice too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scaffold.chain.decide import Judge, Why
from scaffold.chain.edges import Edge, edges
from scaffold.chain.propagate import Event, propagate
from scaffold.chain.proposals import Hands
from scaffold.chain.repos import ServiceChain
from scaffold.config.platform import PLATFORM_FILE, Platform
from scaffold.config.service import Service, ServiceState, catalog_path
from scaffold.errors import ConfigError, ScaffoldError
from scaffold.forge.api import Forge, StatusState
from scaffold.git.faults import explained
from scaffold.git.tree import Identity
from scaffold.render.source import read_blueprint


@dataclass(frozen=True)
class Failure:
    """A service that could not be looked at, or a repo of it that failed."""

    service: str
    error: ScaffoldError


@dataclass(frozen=True)
class PassReport:
    """What one pass did."""

    events: tuple[Event, ...]
    failures: tuple[Failure, ...]

    @property
    def moved(self) -> tuple[Event, ...]:
        """The events that changed something."""
        return tuple(event for event in self.events if event.commit)

    @property
    def quiet(self) -> bool:
        """Whether nothing moved to main, so that another pass would do the same."""
        return not any(event.verdict.why is Why.MOVE for event in self.events)


@dataclass(frozen=True)
class Bot:
    """One platform, as it is at one moment, and what it takes to change its services' repos.

    `invalid` has the services whose entry in the catalog can't be read, and why.
    """

    platform: Platform
    services: tuple[Service, ...]
    forge: Forge
    author: Identity
    invalid: Mapping[str, ScaffoldError] = field(default_factory=dict)

    def run_pass(self, now: datetime, only: Collection[str] | None = None) -> PassReport:
        """One pass over all services, or those that are named; a service that fails stops none."""
        known: dict[str, tuple[Edge, ...]] = {}
        judge = Judge(self.platform, self._statuses, now)
        hands = Hands(self.forge, self.platform, self.author)
        events: list[Event] = []
        failures = [
            Failure(name, error)
            for name, error in self.invalid.items()
            if only is None or name in only
        ]
        for service in self.services:
            if service.state is not ServiceState.ACTIVE:
                continue
            if only is not None and service.name not in only:
                continue
            try:
                found = propagate(self.chain(service, known), judge, hands)
            except Exception as error:  # noqa: BLE001 - whatever one service brings out
                failures.append(Failure(service.name, explained(error)))
                continue
            events += [event for event in found if event.error is None]
            failures += [Failure(service.name, one.error) for one in found if one.error]
        return PassReport(tuple(events), tuple(failures))

    def chain(self, service: Service, known: dict[str, tuple[Edge, ...]]) -> ServiceChain:
        """The chain of a service; `known` has the edges of blueprints that were read before."""
        if service.blueprint not in known:
            known[service.blueprint] = self._edges(service)
        # A newer blueprint may have repos that this service never got.
        there = tuple(edge for edge in known[service.blueprint] if edge.down in service.repos)
        return ServiceChain(service, there)

    def _edges(self, service: Service) -> tuple[Edge, ...]:
        urls = {one.name: one.url for one in self.platform.blueprints}
        if service.blueprint not in urls:
            raise ConfigError(
                f"{PLATFORM_FILE} has no blueprint `{service.blueprint}`",
                where=service.name,
                hint=f"Name another one in {catalog_path(service.name)}, or bring it back.",
            )
        return edges(read_blueprint(urls[service.blueprint]), self.platform)

    def _statuses(self, repo: str, commit: str) -> Mapping[str, StatusState]:
        return self.forge.statuses(repo, commit)
