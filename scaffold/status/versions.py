"""Which version of its blueprint each repo of a service records, and how far that is behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import pygit2

from scaffold.chain.repos import ServiceChain
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.errors import ScaffoldError
from scaffold.fleet.offers import offers_to
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry
from scaffold.render.answers_file import DEFAULT_NAME, read_answers_file
from scaffold.render.offer import RELEASES, Offer
from scaffold.render.source import parse_version, versions


@dataclass(frozen=True)
class Versions:
    """The version that each repo records, by repo; one that can't be read is left out.

    `newest` is the newest release of the blueprint, and `behind` how many releases lie after the
    oldest of the recorded ones; None where that can't be told. Prereleases count for a service that
    takes them. `held` is a newer one that is held back from the service.
    """

    recorded: Mapping[str, str] = field(default_factory=dict)
    newest: str | None = None
    behind: int | None = None
    held: str | None = None

    @property
    def oldest(self) -> str | None:
        """A service has a version once all its repos have it."""
        return min(self.recorded.values(), key=by_age) if self.recorded else None


def by_age(version: str) -> tuple[bool, object, str]:
    """A key to sort by; what is no version (a commit without a tag) comes before all that are."""
    parsed = parse_version(version)
    return (parsed is not None, parsed or 0, version)


class Releases:
    """The releases of a platform's blueprints; each blueprint is read once."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._urls = {source.name: source.url for source in platform.blueprints}
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, service: Service) -> tuple[str, ...]:
        """The tags that count for a service, oldest first; none where they can't be read."""
        tags, offer = self._of(service)
        last = offer.newest(tags)
        return tuple(tag for tag in tags if tag == last or offer.has(tag))

    def held(self, service: Service) -> str | None:
        """The newest tag that would count, were it not held back from the service; else None."""
        tags, offer = self._of(service)
        last = replace(offer, below=None).newest(tags)
        return last if last and offer.holds(last) else None

    def _of(self, service: Service) -> tuple[tuple[str, ...], Offer]:
        blueprint = service.blueprint
        if blueprint not in self._known:
            self._known[blueprint] = self._read(blueprint)
        url = self._urls.get(blueprint, "")
        return self._known[blueprint], offers_to(self._platform, service).get(url, RELEASES)

    def _read(self, blueprint: str) -> tuple[str, ...]:
        try:
            tags = versions(open_mirror(self._urls[blueprint])[1])
        except (ScaffoldError, KeyError):  # the service's chain tells it
            return ()
        return tuple(sorted(tags, key=by_age))


def versions_of(chain: ServiceChain, releases: Releases) -> Versions:
    """What a service's repos record at the head of main, and what there is. Raises ForgeError."""
    recorded = {}
    for part in chain.service.repos:
        if version := recorded_in(chain.repo(part).tree()):
            recorded[part] = version
    known = releases.of(chain.service)
    found = Versions(recorded, known[-1] if known else None)
    held = releases.held(chain.service)
    if held and (found.oldest is None or by_age(held) > by_age(found.oldest)):
        found = replace(found, held=held)
    if found.oldest not in known:
        return found
    return replace(found, behind=len(known) - 1 - known.index(found.oldest))


def recorded_in(tree: pygit2.Tree) -> str | None:
    """The version in a tree's answers file; None where there is none that can be read."""
    item = tree[DEFAULT_NAME] if DEFAULT_NAME in tree else None  # noqa: SIM401 - it has no `get`
    if not isinstance(item, pygit2.Blob):
        return None
    return _version(Entry(item.filemode, item.data))


@lru_cache(maxsize=16_384)
def _version(answers: Entry) -> str | None:
    try:
        return read_answers_file(DEFAULT_NAME, answers).version
    except ScaffoldError:  # `scaffold upgrade` tells it
        return None
