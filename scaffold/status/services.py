"""The services of a platform: where each is in its life, and what each environment has."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from scaffold.bot.passes import Bot, Known
from scaffold.chain.commits import told_sources
from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.proposals import WriteContext, with_request
from scaffold.chain.repos import ServiceChain
from scaffold.chain.statuses import CommitStatus, newest_statuses
from scaffold.config.branches import UPGRADE, Purpose, proposed_from
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.service import Service, ServiceState
from scaffold.errors import ScaffoldError
from scaffold.fleet.catalog import unknown_service
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import Forge, MergeRequest
from scaffold.git.faults import explained
from scaffold.git.tree import Identity
from scaffold.service.reservation import find_reservations
from scaffold.status.choice import EVERYTHING, Choice
from scaffold.status.line import INVALID, PENDING, UNFINISHED, ServiceLine
from scaffold.status.timeline import Happening, timeline
from scaffold.status.versions import Releases, Versions, versions_of

_NOBODY = Identity("", "")  # who only looks makes no commits
_TOLD = 100  # happenings of one service


def status(
    platform: PlatformRepo,
    wanted: Sequence[str],
    now: datetime,
    choice: Choice = EVERYTHING,
    *,
    stories: bool = False,
) -> tuple[ServiceLine, ...]:
    """The services by name: all of them, or those that are wanted, of the choice.

    Those that are wanted have their timeline, with `stories` all have.
    Raises UsageError for a wanted one that is not there, or where the choice names what is not.
    """
    services, invalid = platform.catalog.services, platform.catalog.invalid
    choice.need_known(platform.model, services.values())
    pending, unknown = _pending(platform)
    begun = {one.service: one for one in find_reservations(platform)}
    known = sorted({*services, *invalid, *pending, *begun})
    for name in wanted:
        if name not in known:
            raise unknown_service(name, known)
    bot = Bot(platform.model, tuple(services.values()), platform.forge, _NOBODY)
    edges: Known = {}
    releases = Releases(platform.model)
    lines: list[ServiceLine] = []
    for name in sorted(wanted or known):
        if name in services:
            service, story = services[name], bool(wanted) or stories
            if choice.admits(service.owner, service.blueprint, _state(service)):
                lines.append(_line(bot, service, edges, releases, now, told=story))
        elif name in invalid:
            lines.append(ServiceLine(name, None, None, INVALID, error=invalid[name]))
        elif name in pending:
            lines.append(ServiceLine(name, None, None, PENDING, request=pending[name]))
        else:
            lines.append(ServiceLine(name, None, None, UNFINISHED, begun=begun[name]))
    fit = (one for one in lines if choice.admits(one.owner, one.blueprint, one.state))
    return (*filter(None, map(choice.narrowed, fit)), *unknown)


def _state(service: Service) -> str:
    is_active = service.state is ServiceState.ACTIVE
    return "paused" if service.paused and is_active else service.state.value


def _pending(platform: PlatformRepo) -> tuple[dict[str, MergeRequest], tuple[ServiceLine, ...]]:
    """What waits for its registration; where that can't be told, a line that says why."""
    try:
        return platform.pending_services(), ()
    except Exception as error:  # noqa: BLE001 - the services are there all the same
        line = ServiceLine(PLATFORM_REPO, None, None, INVALID, error=explained(error))
        return {}, (line,)


def _line(
    bot: Bot, service: Service, edges: Known, releases: Releases, now: datetime, *, told: bool
) -> ServiceLine:
    """What is known of a service; with `told` its story, too."""
    name, owner, blueprint = service.name, service.owner, service.blueprint
    state = _state(service)
    if service.state is not ServiceState.ACTIVE:
        return ServiceLine(name, owner, blueprint, state)
    judge = Judge(bot.platform, bot.forge.statuses, now)
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
    proposals: tuple[MergeRequest, ...] = ()
    story: tuple[Happening, ...] = ()
    versions = Versions()
    if failure is None:
        try:
            statuses = newest_statuses(chain, judge.statuses)
            versions = versions_of(chain, releases)
            proposals = tuple(_proposals(bot.forge, chain))
            story = timeline(chain, kind, _TOLD) if told else ()
        except Exception as error:  # noqa: BLE001 - whatever one repo brings out
            failure = explained(error)
    return ServiceLine(
        name, owner, blueprint, state, pins, sources, statuses, own, versions, proposals, story,
        error=failure,
    )  # fmt: skip


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
