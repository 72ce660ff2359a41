"""The services of a platform: where each is in its life, and what each environment has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scaffold.bot.passes import Bot, Known
from scaffold.chain.commits import Source, told_sources
from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.proposals import WriteContext, with_request
from scaffold.chain.repos import ServiceChain
from scaffold.chain.statuses import CommitStatus, newest_statuses
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.service import Service, ServiceState
from scaffold.errors import ScaffoldError
from scaffold.fleet.catalog import unknown_service
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import MergeRequest
from scaffold.git.faults import explained
from scaffold.git.tree import Identity
from scaffold.service.reservation import Reservation, find_reservations

PENDING = "pending"
UNFINISHED = "unfinished"
INVALID = "invalid"  # its file in the catalog can't be read
_NOBODY = Identity("", "")  # who only looks makes no commits


@dataclass(frozen=True)
class ServiceLine:
    """One service; owner and blueprint are known of those alone that the catalog has.

    `pins` has each pin and what the bot would do about it, `sources` by its place the commits that
    it stands for, nearest first; `statuses` what CI and engines say of its repos; `no_release` by
    the repo its own patterns of paths that make no release, if it has any; `error` why some can't
    be told; `begun` is the run that creates the service, or was killed at that.
    """

    service: str
    owner: str | None
    blueprint: str | None
    state: str
    pins: tuple[Verdict, ...] = ()
    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    statuses: tuple[CommitStatus, ...] = ()
    no_release: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    request: MergeRequest | None = None
    error: ScaffoldError | None = None
    begun: Reservation | None = None


def status(platform: PlatformRepo, wanted: Sequence[str], now: datetime) -> tuple[ServiceLine, ...]:
    """The services by name, all of them or those that are wanted.

    Raises UsageError for a wanted one that is not there.
    """
    services, invalid = platform.catalog.services, platform.catalog.invalid
    pending, unknown = _pending(platform)
    begun = {one.service: one for one in find_reservations(platform)}
    known = sorted({*services, *invalid, *pending, *begun})
    for name in wanted:
        if name not in known:
            raise unknown_service(name, known)
    bot = Bot(platform.model, tuple(services.values()), platform.forge, _NOBODY)
    edges: Known = {}
    lines: list[ServiceLine] = []
    for name in sorted(wanted or known):
        if name in services:
            lines.append(_line(bot, services[name], edges, now))
        elif name in invalid:
            lines.append(ServiceLine(name, None, None, INVALID, error=invalid[name]))
        elif name in pending:
            lines.append(ServiceLine(name, None, None, PENDING, request=pending[name]))
        else:
            lines.append(ServiceLine(name, None, None, UNFINISHED, begun=begun[name]))
    return (*lines, *unknown)


def _pending(platform: PlatformRepo) -> tuple[dict[str, MergeRequest], tuple[ServiceLine, ...]]:
    """What waits for its registration; where that can't be told, a line that says why."""
    try:
        return platform.pending_services(), ()
    except Exception as error:  # noqa: BLE001 - the services are there all the same
        line = ServiceLine(PLATFORM_REPO, None, None, INVALID, error=explained(error))
        return {}, (line,)


def _line(bot: Bot, service: Service, edges: Known, now: datetime) -> ServiceLine:
    name, owner, blueprint = service.name, service.owner, service.blueprint
    if service.state is not ServiceState.ACTIVE:
        return ServiceLine(name, owner, blueprint, service.state)
    judge = Judge(bot.platform, bot.forge.statuses, now)
    state = "paused" if service.paused else service.state.value
    try:
        chain = bot.chain(service, edges)
    except Exception as error:  # noqa: BLE001 - whatever one service brings out
        return ServiceLine(name, owner, blueprint, state, error=explained(error))
    context = WriteContext(bot.forge, bot.platform, _NOBODY)
    seen = [_pin(judge, chain, edge, context) for edge in chain.edges]
    failure = next((error for _, error in seen if error), None)
    kind = bot.platform.forge.kind
    sources = {edge.place: told_sources(chain, edge, kind) for edge in chain.edges}
    pins = tuple(pin for pin, _ in seen)
    own = {edge.up: edge.no_release for edge in chain.edges if edge.no_release}
    statuses: tuple[CommitStatus, ...] = ()
    if failure is None:
        try:
            statuses = newest_statuses(chain, judge.statuses)
        except Exception as error:  # noqa: BLE001 - whatever one repo brings out
            failure = explained(error)
    return ServiceLine(name, owner, blueprint, state, pins, sources, statuses, own, error=failure)


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
