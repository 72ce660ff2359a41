"""Where the forge and the catalog name different repos."""

from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.config.platform import PLATFORM_REPO
from scaffold.fleet.platform import PlatformRepo
from scaffold.service.reservation import find_reservations


@dataclass(frozen=True)
class Strays:
    """Repos of the forge that are nobody's, and repos of the catalog that the forge has not."""

    unknown: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def find_strays(platform: PlatformRepo) -> Strays:
    """Compare all repos of the forge with those that the platform names. Raises ForgeError.

    A service that is being made, or waits for its registration, has repos, too.
    """
    there = set(platform.forge.repos())
    named = dict(_named(platform, there))
    pending = platform.pending_services()
    waiting = {repo for one in find_reservations(platform) for repo in one.repos}
    unknown = {
        repo
        for repo in there - named.keys() - waiting
        if not any(repo.startswith(f"{service}-") or repo == service for service in pending)
    }
    gone = {
        repo for repo, url in named.items() if repo not in there and platform.forge.url(repo) == url
    }
    return Strays(tuple(sorted(unknown)), tuple(sorted(gone)))


def _named(platform: PlatformRepo, there: set[str]) -> Iterator[tuple[str, str]]:
    """Each repo that the platform names, with its URL."""
    forge = platform.forge
    yield PLATFORM_REPO, forge.url(PLATFORM_REPO)
    for service in platform.catalog.services.values():
        yield from ((repo.name, repo.url) for repo in service.repos.values())
    urls = {source.url for source in platform.model.blueprints}
    yield from ((repo, forge.url(repo)) for repo in there if forge.url(repo) in urls)
