"""The bot: passes over a platform and its services; what one did, the next leaves as it is.

Nothing is remembered between passes, so it can be stopped, killed and started anywhere, twice too.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from scaffold.bot.platform import PlatformEvent, PlatformSync
from scaffold.chain.decide import Judge, Why
from scaffold.chain.edges import Edge, edges
from scaffold.chain.propagate import Event, propagate
from scaffold.chain.proposals import WriteContext
from scaffold.chain.repos import ServiceChain
from scaffold.chain.statuses import CommitStatus, newest_statuses
from scaffold.config.grant import Grant
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.config.policy import policy_of
from scaffold.config.service import Service, ServiceState, catalog_path
from scaffold.deadline import within
from scaffold.errors import ConfigError, ScaffoldError, TimeUpError
from scaffold.fleet.generated import unfit_services
from scaffold.fleet.grants import read_grants
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import Forge, StatusState
from scaffold.git.faults import explained
from scaffold.git.tree import Identity
from scaffold.render.source import read_blueprint

# For all that one service's repos and the forge are waited for. A first clone over a slow network
# has to fit in, or no later pass would get further.
SERVICE_LIMIT = 1800.0  # seconds
Known = dict[str, tuple[Edge, ...] | ScaffoldError]
"""The edges of the blueprints that were read in a pass, or why one could not be read."""


@dataclass(frozen=True)
class Failure:
    """A service that could not be looked at, or a repo of it that failed; or the platform repo."""

    service: str
    error: ScaffoldError


@dataclass(frozen=True)
class StandingGrant:
    """A role that somebody has for a while, `expired` where a pass could not take it back."""

    name: str
    grant: Grant
    expired: bool


@dataclass(frozen=True)
class PassReport:
    """What one pass did, and the `statuses` of the services' repos as it found them.

    `platform` is None where it did not look at the platform repo; `grants` are those that were
    there at its end.
    """

    events: tuple[Event, ...]
    failures: tuple[Failure, ...]
    platform: tuple[PlatformEvent, ...] | None = None
    statuses: tuple[CommitStatus, ...] = ()
    grants: tuple[StandingGrant, ...] = ()

    @property
    def looked_at(self) -> frozenset[str]:
        """The services that were looked at to the end, and the platform repo."""
        failed = {failure.service for failure in self.failures}
        seen = {event.service for event in self.events}
        if self.platform is not None:
            seen.add(PLATFORM_REPO)
        return frozenset(seen - failed)

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

    def run_pass(
        self,
        now: datetime,
        only: Collection[str] | None = None,
        stop: Callable[[], bool] = lambda: False,
        *,
        dry_run: bool = False,
    ) -> PassReport:
        """One pass over all services, or those that are named; a dry run says what it would do.

        A service that fails, or that waits for too long, stops none. `stop` is asked before each
        whether to leave the others to the next pass.
        """
        known: Known = {}
        trial: set[str] = set()
        context = WriteContext(self.forge, self.platform, self.author, trial if dry_run else None)
        judge = Judge(self.platform, partial(self._statuses, trial), now)
        events: list[Event] = []
        statuses: list[CommitStatus] = []
        failures = [
            Failure(name, error)
            for name, error in self.invalid.items()
            if only is None or name in only
        ]
        for service in self._active(only):
            if stop():
                break
            try:
                with within(SERVICE_LIMIT, f"the service `{service.name}`"):
                    chain = self.chain(service, known)
                    outcomes = propagate(chain, judge, context)
                    failed = [event for event in outcomes if event.error]
                    # Of those that a repo which failed has, nothing is known.
                    statuses += () if failed else newest_statuses(chain, judge.statuses)
            except Exception as error:  # noqa: BLE001 - whatever one service brings out
                failures.append(Failure(service.name, explained(error)))
                continue
            events += [event for event in outcomes if event.error is None]
            failures += [Failure(service.name, event.error) for event in outcomes if event.error]
        return PassReport(tuple(events), tuple(failures), statuses=tuple(statuses))

    def _active(self, only: Collection[str] | None) -> Iterator[Service]:
        for service in self.services:
            wanted = only is None or service.name in only
            if wanted and service.state is ServiceState.ACTIVE:
                yield service

    def chain(self, service: Service, known: Known) -> ServiceChain:
        """The chain of a service; `known` has what became of blueprints that were read before.

        Raises ScaffoldError, the same for each service of a blueprint that can't be had: it is
        asked for once.
        """
        if service.blueprint not in known:
            known[service.blueprint] = self._edges(self._blueprint_url(service))
        chain_edges = known[service.blueprint]
        if isinstance(chain_edges, ScaffoldError):
            raise chain_edges
        # A newer blueprint may have repos that this service never got.
        own = (edge for edge in chain_edges if edge.down in service.repos)
        return ServiceChain(service, tuple(self._by_policy(service, edge) for edge in own))

    def _by_policy(self, service: Service, edge: Edge) -> Edge:
        """The edge with the environment as it is for this service."""
        policy = policy_of(self.platform, service.policy, edge.environment)
        return replace(edge, environment=policy.environment)

    def _blueprint_url(self, service: Service) -> str:
        urls = {blueprint.name: blueprint.url for blueprint in self.platform.blueprints}
        if service.blueprint not in urls:
            raise ConfigError(
                f"{PLATFORM_FILE} has no blueprint `{service.blueprint}`",
                where=service.name,
                hint=f"Name another one in {catalog_path(service.name)}, or bring it back.",
            )
        return urls[service.blueprint]

    def _edges(self, url: str) -> tuple[Edge, ...] | ScaffoldError:
        """The edges by the blueprint at a URL, or why there are none. Raises TimeUpError."""
        try:
            return edges(read_blueprint(url), self.platform)
        except TimeUpError:  # it was the time of the one service that asked
            raise
        except ScaffoldError as error:
            return error

    def _statuses(
        self, trial: Collection[str], repo: str, commit: str
    ) -> Mapping[str, StatusState]:
        """The statuses of a commit; the forge knows nothing of those that a dry run made."""
        return {} if commit in trial else self.forge.statuses(repo, commit)


def pass_over(
    platform: PlatformRepo,
    sync: PlatformSync,
    bot: Bot,
    now: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> PassReport:
    """One pass over everything: what is generated in the platform repo, then all services.

    A platform repo that fails stops no service. In a dry run of the platform it only says so.
    """
    events: tuple[PlatformEvent, ...] | None = None
    unfit = unfit_services(platform.model, bot.services)
    failures = tuple(Failure(name, error) for name, error in unfit.items())
    grants = read_grants(platform.model, platform.tree)
    failures += tuple(Failure(PLATFORM_REPO, error) for error in grants.invalid.values())
    try:
        with within(SERVICE_LIMIT, "the platform repo"):
            events = sync.run(platform, now)
    except Exception as error:  # noqa: BLE001 - whatever the platform repo brings out
        failures += (Failure(PLATFORM_REPO, explained(error)),)
    report = bot.run_pass(now, None, stop, dry_run=platform.dry_run)
    taken = {name for event in events or () if event.why is Why.MOVE for name in event.expired}
    standing = {name: one for name, one in grants.valid.items() if name not in taken}
    return replace(
        report,
        platform=events,
        failures=failures + report.failures,
        grants=tuple(
            StandingGrant(name, grant, expired=grant.expired(now))
            for name, grant in standing.items()
        ),
    )
