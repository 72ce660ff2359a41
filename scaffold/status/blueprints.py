"""The blueprints of a platform: which versions each has, and how many services are on them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pygit2

from scaffold.config.platform import BlueprintSource
from scaffold.config.service import Service, ServiceState
from scaffold.errors import AnswersFileError, ForgeError, ScaffoldError
from scaffold.fleet.platform import PlatformRepo
from scaffold.git.faults import explained
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry
from scaffold.git.verified import verified_tree
from scaffold.render.answers_file import DEFAULT_NAME, read_answers_file
from scaffold.render.source import read_blueprint, versions
from scaffold.status.versions import by_age

_MAIN = "refs/heads/main"
_AT_A_TIME = 8  # what is not on this machine is waited for


@dataclass(frozen=True)
class VersionLine:
    """One version; one that is not `released` is a commit without a tag, or its tag is gone."""

    version: str
    released: bool
    services: int


@dataclass(frozen=True)
class BlueprintLine:
    """One blueprint, its versions newest first; `error` says why they could not be read."""

    name: str
    url: str
    summary: str
    versions: tuple[VersionLine, ...]
    error: ScaffoldError | None = None


@dataclass(frozen=True)
class BlueprintList:
    """All blueprints, and the services that do not tell what they were made from."""

    blueprints: tuple[BlueprintLine, ...]
    unreadable: Mapping[str, ScaffoldError]


def list_blueprints(platform: PlatformRepo) -> BlueprintList:
    """The platform's blueprints, and how many active services have which version."""
    catalog = platform.catalog
    services = [one for one in catalog.services.values() if one.state is ServiceState.ACTIVE]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        found = dict(
            zip((one.name for one in services), pool.map(_recorded, services), strict=True)
        )
        lines = pool.map(lambda source: _line(source, services, found), platform.model.blueprints)
        blueprints = tuple(lines)
    unreadable = {name: one for name, one in found.items() if isinstance(one, ScaffoldError)}
    return BlueprintList(blueprints, {**unreadable, **catalog.invalid})


def _line(
    source: BlueprintSource,
    services: Sequence[Service],
    recorded: Mapping[str, Sequence[str] | ScaffoldError],
) -> BlueprintLine:
    try:
        model = read_blueprint(source.url)
        tags = versions(open_mirror(source.url)[1])
    except Exception as error:  # noqa: BLE001 - whatever one blueprint brings out
        return BlueprintLine(source.name, source.url, "", (), explained(error, where=source.url))
    mine = [recorded[one.name] for one in services if one.blueprint == source.name]
    counts = Counter(_oldest(one) for one in mine if not isinstance(one, ScaffoldError))
    known = sorted({*tags, *counts}, key=by_age, reverse=True)
    lines = tuple(VersionLine(one, one in tags, counts[one]) for one in known)
    return BlueprintLine(source.name, source.url, model.summary, lines)


def _recorded(service: Service) -> tuple[str, ...] | ScaffoldError:
    """The version that each repo of a service records at the head of main."""
    try:
        return tuple(_version_of(one.url) for one in service.repos.values())
    except Exception as error:  # noqa: BLE001 - whatever one service brings out
        return explained(error)


def _version_of(url: str) -> str:
    _, store = open_mirror(url)
    if _MAIN not in store.references:
        raise ForgeError("has no branch `main`", where=url)
    tree = verified_tree(store, _MAIN, url)
    if DEFAULT_NAME not in tree:
        raise AnswersFileError(f"has no {DEFAULT_NAME}", where=url)
    item = tree[DEFAULT_NAME]
    if not isinstance(item, pygit2.Blob):
        raise AnswersFileError(f"{DEFAULT_NAME} is no file", where=url)
    return read_answers_file(DEFAULT_NAME, Entry(item.filemode, item.data)).version


def _oldest(recorded: Sequence[str]) -> str:
    """A service has a version once all its repos have it."""
    return min(recorded, key=by_age)
