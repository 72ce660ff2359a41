"""The merge requests of a platform: what each is for, and of which service and environment."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from scaffold.config.branches import Purpose, proposed_from
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.service import Service
from scaffold.errors import ScaffoldError
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import MergeRequest
from scaffold.git.faults import explained

_AT_A_TIME = 8  # a server is waited for, call by call
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RequestLine:
    """One merge request; `service` and `environment` are empty where it is of none, or of all."""

    request: MergeRequest
    purpose: Purpose
    service: str = ""
    environment: str = ""


@dataclass(frozen=True)
class UnreadRepo:
    """A repo whose merge requests can't be told, or a service whose repos are not known."""

    repo: str
    service: str
    error: ScaffoldError


@dataclass(frozen=True)
class FleetRequests:
    """What is open in a whole fleet, oldest first, and what can't be told."""

    lines: tuple[RequestLine, ...]
    unread: tuple[UnreadRepo, ...]


@dataclass(frozen=True)
class _Repo:
    name: str
    service: str = ""


def open_requests(platform: PlatformRepo) -> FleetRequests:
    """All open merge requests: those of the platform repo and of the services' repos.

    A repo that can't be reached stops no other. What is retired takes no changes, and is left out.
    """
    services = [one for one in platform.catalog.services.values() if not one.is_retired]
    repos = {repo.name: repo for one in services for repo in _repos(one)}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        look = partial(_open_in, platform)
        found = list(pool.map(look, (_Repo(PLATFORM_REPO), *repos.values())))
    lines = [line for one in found if not isinstance(one, UnreadRepo) for line in one]
    invalid = (UnreadRepo("", name, error) for name, error in platform.catalog.invalid.items())
    return FleetRequests(
        tuple(sorted(lines, key=lambda line: line.request.opened or _FIRST)),
        (*invalid, *(one for one in found if isinstance(one, UnreadRepo))),
    )


def requests_of(platform: PlatformRepo, repo: str) -> tuple[RequestLine, ...]:
    """All merge requests of one repo, open or not, oldest first. Raises ForgeError."""
    repos = (one for service in platform.catalog.services.values() for one in _repos(service))
    known = next((one for one in repos if one.name == repo), _Repo(repo))
    return _lines(platform, known, platform.forge.merge_requests(repo))


def _repos(service: Service) -> list[_Repo]:
    return [_Repo(one.name, service.name) for one in service.repos.values()]


def _open_in(platform: PlatformRepo, repo: _Repo) -> tuple[RequestLine, ...] | UnreadRepo:
    try:
        return _lines(platform, repo, platform.forge.merge_requests(repo.name, open_only=True))
    except Exception as error:  # noqa: BLE001 - whatever one repo brings out
        return UnreadRepo(repo.name, repo.service, explained(error, where=repo.name))


def _lines(
    platform: PlatformRepo, repo: _Repo, found: Sequence[MergeRequest]
) -> tuple[RequestLine, ...]:
    environments = {one.name for one in platform.model.chain()}
    return tuple(_line(request, repo, environments) for request in found)


def _line(request: MergeRequest, repo: _Repo, environments: set[str]) -> RequestLine:
    is_platform = repo.name == PLATFORM_REPO
    proposed = proposed_from(request.branch, platform=is_platform)
    service = proposed.name if is_platform else repo.service
    environment = proposed.name if not is_platform and proposed.name in environments else ""
    return RequestLine(request, proposed.purpose, service, environment)
