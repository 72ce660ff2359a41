"""Roles that somebody has for a while: read, given and taken back, each in one commit.

Each is a file in the platform repo, from which the bindings of its services follow. Whoever may
change the platform's main may give one.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from scaffold.config.branches import GRANT
from scaffold.config.documents import dump_yaml, parse_document
from scaffold.config.grant import Grant, clock, grant_file, grant_path
from scaffold.config.names import problem_with_label
from scaffold.config.platform import PLATFORM_FILE, Platform
from scaffold.config.yaml_reader import read_documents
from scaffold.errors import ConfigError, UsageError
from scaffold.fleet.access import OF_GRANT, ROLES_FILE, roles_files
from scaffold.fleet.catalog import catalog_names, read_catalog
from scaffold.fleet.engines.objects import file_of
from scaffold.fleet.platform import PlatformRepo
from scaffold.fleet.proposals import change_platform
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.git.tree import Entry, Tree
from scaffold.similar import did_you_mean

_TRAILER = "Scaffold-Grant"


@dataclass(frozen=True)
class Granted:
    """All grants by what they are called; `invalid` ones give nothing, and why."""

    valid: Mapping[str, Grant]
    invalid: Mapping[str, ConfigError]


def read_grants(platform: Platform, tree: Mapping[str, Entry]) -> Granted:
    """The grants of the platform repo's tree, be their time over or not. A bad one stops no other.

    One whose environment or service is not there, or that is longer than its environment allows,
    is invalid.
    """
    valid: dict[str, Grant] = {}
    invalid: dict[str, ConfigError] = {}
    names = _names(tree)
    services = catalog_names(tree) if names else ()
    for name in names:
        path = grant_path(name)
        try:
            grant = parse_document(Grant, tree[path].data, source=path)
        except ConfigError as error:
            invalid[name] = error
            continue
        if against := problem_with(grant, platform, services):
            invalid[name] = ConfigError(against, where=path, hint="Mend it, or remove the file.")
        elif problem := problem_with_label(name):
            invalid[name] = ConfigError(f"the name {problem}", where=path, hint="Rename the file.")
        else:
            valid[name] = grant
    return Granted(valid, invalid)


def _names(tree: Mapping[str, Entry]) -> list[str]:
    """What the grants are called whose files are there, sorted."""
    named = ((path, PurePosixPath(path).stem) for path in tree)
    return sorted(name for path, name in named if path == grant_path(name))


def problem_with(grant: Grant, platform: Platform, services: Collection[str]) -> str:
    """What the platform says against a grant, or nothing. Pure."""
    places = {one.name: one for one in platform.environments}
    if grant.environment not in places:
        return f"there is no environment `{grant.environment}`; there are: {', '.join(places)}"
    if unknown := sorted({*grant.services} - {*services}):
        return f"there is no service `{unknown[0]}`"
    longest = places[grant.environment].break_glass
    if not longest:
        return (
            f"nobody is given a role in `{grant.environment}` for a while: its"
            f" `break_glass_hours` in {PLATFORM_FILE} are 0"
        )
    if grant.length > longest:
        hours = f"{longest.total_seconds() / 3600:g}"
        return (
            f"it is for longer than the {hours} h that `break_glass_hours` of"
            f" `{grant.environment}` allows"
        )
    return ""


def give(platform: PlatformRepo, grant: Grant) -> MergeRequest | None:
    """Give it, in one commit; one of the same role for the same services ends when this one says.

    Returns the merge request where the platform takes no push from this user; a dry run asks
    whether it would. Raises UsageError where the platform says something against it, ForgeError.
    """

    def change(tree: Mapping[str, Entry]) -> Tree:
        model = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
        if problem := problem_with(grant, model, catalog_names(tree)):
            raise UsageError(problem, hint=_hint(grant, model, catalog_names(tree)))
        entry = Entry.file(dump_yaml(grant_file(grant)))
        return with_roles({**tree, grant_path(grant.id): entry}, [grant])

    # Without the end in its title, a merge request that is open is brought up to date.
    body = f"Until {clock(grant.until)}: {grant.reason}\n\n{_TRAILER}: {grant.id}"
    proposal = Proposal(f"Give {grant.told}", body)
    return change_platform(platform, change, f"{GRANT}{grant.id}", proposal)


def _hint(grant: Grant, platform: Platform, services: Collection[str]) -> str:
    known = [one.name for one in platform.environments]
    if grant.environment not in known:
        return did_you_mean(grant.environment, known, "platform.yml has all there are.")
    unknown = next((name for name in grant.services if name not in services), "")
    if unknown:
        return did_you_mean(unknown, services, "`scaffold status` lists all there are.")
    return f"`break_glass_hours` of the environment in {PLATFORM_FILE} is the most."


def take_back(platform: PlatformRepo, grants: Mapping[str, Grant]) -> MergeRequest | None:
    """Take these back before their time is over, in one commit.

    Returns the merge request where the platform takes no push from this user. Raises ForgeError.
    """
    told = [f"{grant.told}, which was until {clock(grant.until)}" for grant in grants.values()]
    first, *more = (grant.told for grant in grants.values())
    title = f"Take back {len(grants)} grants" if more else f"Take back {first}"
    body = "\n".join([*told, "", *(f"{_TRAILER}: {name}" for name in grants)])
    branch = f"{GRANT}{next(iter(grants))}-end"
    return change_platform(
        platform, lambda tree: without(tree, grants), branch, Proposal(title, body)
    )


def without(tree: Mapping[str, Entry], grants: Mapping[str, Grant]) -> Tree:
    """The tree without the files of grants, and without what follows from them.

    Also where the service's entry, or its environment, is none any more. Raises ConfigError where
    platform.yml is not valid.
    """
    gone = {grant_path(name) for name in grants}
    left = {path: entry for path, entry in tree.items() if path not in gone}
    made = with_roles(left, grants.values())
    for path, entry in made.items():
        if path.endswith(f"/{ROLES_FILE}") and any(name.encode() in entry.data for name in grants):
            made[path] = _without_bindings(entry, grants)
    return made


def _without_bindings(entry: Entry, grants: Mapping[str, Grant]) -> Entry:
    """A file of roles without the bindings that follow from grants; as it is if it can't be read.

    No service is called for that, so that it works for one whose entry is not valid.
    """
    try:
        items = list(read_documents(entry.data, source=ROLES_FILE))
    except ConfigError:
        return entry
    kept = [one for one in items if _grant_of(one) not in grants]
    return entry if len(kept) == len(items) else file_of(*kept)


def _grant_of(item: Any) -> str:
    """What the grant is called that an object follows from, or nothing."""
    try:
        return str(item["metadata"]["annotations"][OF_GRANT])
    except (KeyError, TypeError):
        return ""


def parsed_grants(tree: Mapping[str, Entry]) -> dict[str, Grant]:
    """The grants whose files can be read, whatever the platform says against them."""
    found = {}
    for name in _names(tree):
        path = grant_path(name)
        with suppress(ConfigError):
            found[name] = parse_document(Grant, tree[path].data, source=path)
    return found


def expired(tree: Mapping[str, Entry], now: datetime) -> dict[str, Grant]:
    """The grants whose time is over and that are there yet, by what they are called."""
    return {name: grant for name, grant in parsed_grants(tree).items() if grant.expired(now)}


def with_roles(tree: Mapping[str, Entry], changed: Iterable[Grant]) -> Tree:
    """The tree with the bindings of all services that these grants are for.

    A service whose entry is not valid is left out, and so are all other generated files: who is
    given a role in an emergency does not wait for what others have to mend. Raises ConfigError
    where platform.yml is not valid.
    """
    platform = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    grants = read_grants(platform, tree).valid
    about = tuple(changed)
    made = dict(tree)
    for service in read_catalog(tree).services.values():
        places = {grant.environment for grant in about if grant.covers(service.name)}
        if places and not service.is_retired:
            with suppress(ValueError):  # a namespace's name that does not fit, which checks tell
                made |= roles_files(platform, service.name, service.owner, places, grants)
    return made
