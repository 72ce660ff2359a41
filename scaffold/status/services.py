"""The services of a platform: where each is in its life, and what each environment has."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.service import Service
from scaffold.errors import ScaffoldError
from scaffold.fleet.catalog import unknown_service
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import MergeRequest
from scaffold.git.faults import explained
from scaffold.service.reservation import find_reservations
from scaffold.status.choice import EVERYTHING, Choice
from scaffold.status.line import INVALID, PENDING, UNFINISHED, ServiceLine
from scaffold.status.look import Look, entry_line, state_of
from scaffold.upgrade.pool import in_pool
from scaffold.upgrade.rollout import usual_jobs

# More services than this are looked at by several processes: for fewer, starting these takes longer
# than it saves. A repo on a server is fetched first, which is some tenths of a second each.
_ALONE, _ALONE_AT_A_SERVER = 100, 3

Progress = Callable[[int], AbstractContextManager[Callable[[str], None]]]
"""Given how many services there are: what is to be called with the name of each that is done."""


def _silent(_total: int) -> AbstractContextManager[Callable[[str], None]]:
    return nullcontext(lambda _name: None)


def status(
    platform: PlatformRepo,
    wanted: Sequence[str],
    now: datetime,
    choice: Choice = EVERYTHING,
    *,
    stories: bool = False,
    progress: Progress = _silent,
) -> tuple[ServiceLine, ...]:
    """The services by name: all of them, or those that are wanted, of the choice.

    Those that are wanted have their timeline, with `stories` all have. `progress` is told of
    services that are looked at by several processes.
    Raises UsageError for a wanted one that is not there, or where the choice names what is not;
    FileError where processes can't be started.
    """
    services, invalid = platform.catalog.services, platform.catalog.invalid
    choice.need_known(platform.model, services.values())
    pending, unknown = _pending(platform)
    begun = {one.service: one for one in find_reservations(platform)}
    known = sorted({*services, *invalid, *pending, *begun})
    for name in wanted:
        if name not in known:
            raise unknown_service(name, known)
    chosen = [
        services[name]
        for name in sorted(wanted or services)
        if name in services and _is_admitted(choice, services[name])
    ]
    look = Look(platform.model, now, told=bool(wanted) or stories)
    lines = {line.service: line for line in _looked_at(look, chosen, progress)}
    for name in wanted or known:
        if name in services:
            continue
        if name in invalid:
            lines[name] = ServiceLine(name, None, None, INVALID, error=invalid[name])
        elif name in pending:
            lines[name] = ServiceLine(name, None, None, PENDING, request=pending[name])
        else:
            lines[name] = ServiceLine(name, None, None, UNFINISHED, begun=begun[name])
    in_order = (lines[name] for name in sorted(lines))
    fit = (one for one in in_order if choice.admits(one.owner, one.blueprint, one.state))
    return (*filter(None, map(choice.narrowed, fit)), *unknown)


def _is_admitted(choice: Choice, service: Service) -> bool:
    return choice.admits(service.owner, service.blueprint, state_of(service))


def _looked_at(
    look: Look, services: Sequence[Service], progress: Progress
) -> Iterator[ServiceLine]:
    """What is known of each, in any order."""
    forge = look.platform.forge
    if len(services) <= (_ALONE_AT_A_SERVER if isinstance(forge, ServerForge) else _ALONE):
        yield from map(look, services)
        return
    jobs = usual_jobs(forge, os.cpu_count() or 1)
    with progress(len(services)) as seen:
        for service, line in in_pool(look, services, jobs, preload=[Look.__module__]):
            seen(service.name)
            yield entry_line(service, line) if isinstance(line, ScaffoldError) else line


def _pending(platform: PlatformRepo) -> tuple[dict[str, MergeRequest], tuple[ServiceLine, ...]]:
    """What waits for its registration; where that can't be told, a line that says why."""
    try:
        return platform.pending_services(), ()
    except Exception as error:  # noqa: BLE001 - the services are there all the same
        line = ServiceLine(PLATFORM_REPO, None, None, INVALID, error=explained(error))
        return {}, (line,)
