"""Who has which role for what, what it follows from, and where git or the forge have another thing.

Clusters are not looked at, nor are single users on a forge, nor who is in a group.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scaffold.config.documents import Loc, places_of
from scaffold.config.forges.server import ServerForge
from scaffold.config.grant import clock, grant_path
from scaffold.config.places import ACCESS_FOLDER
from scaffold.config.platform import PLATFORM_FILE
from scaffold.config.service import Service, catalog_path
from scaffold.config.team import Role, Team
from scaffold.errors import UsageError
from scaffold.fleet.access import ROLES_FILE
from scaffold.fleet.generated import differences, left_out
from scaffold.fleet.grants import parsed_grants, read_grants
from scaffold.fleet.holders import GROUP, USER, known_groups
from scaffold.fleet.platform import PlatformRepo
from scaffold.service.rights import sync_rights
from scaffold.similar import did_you_mean


class Place(StrEnum):
    """Where something is not as platform.yml, the catalog and the grants have it."""

    RENDERED = "rendered"  # the objects in the platform repo
    FORGE = "forge"  # the rights to a repo
    GRANT = "grant"  # one that has expired, and is there yet
    INVALID = "invalid"  # a file that gives nothing until it is mended
    NOT_READ = "not-read"  # the forge did not tell


class Asked(StrEnum):
    """Whether the forge was compared."""

    COMPARED = "compared"
    NOT_ASKED = "not-asked"
    NO_ROLES = "no-roles"  # it has none: whoever may write to the folder may do all


@dataclass(frozen=True)
class Holding:
    """A role that somebody has; `source` is the file and line that gives it.

    `owner` is the team whose services they are, `until` the end of a grant: both empty where there
    is none. `repos` are those on a server to which it holds, too; none of a grant.
    """

    kind: str
    who: str
    role: Role
    owner: str
    services: tuple[str, ...]
    environments: tuple[str, ...]
    repos: tuple[str, ...]
    source: str
    until: str = ""
    reason: str = ""
    expired: bool = False


@dataclass(frozen=True)
class Deviation:
    """One thing that is another one than it should be; `where` is a path or a repo."""

    place: Place
    where: str
    what: str


@dataclass(frozen=True)
class Scope:
    """What was asked for: services, and names of teams, groups or users; neither: everything."""

    services: frozenset[str]
    others: frozenset[str]

    def takes(self, holding: Holding) -> Holding | None:
        """The part of a holding that was asked for, or None."""
        if not (self.services or self.others):
            return holding
        if self.others.intersection((holding.who, holding.owner)):
            return holding
        services = tuple(name for name in holding.services if name in self.services)
        return replace(holding, services=services) if services else None


def scope_of(platform: PlatformRepo, names: Sequence[str]) -> Scope:
    """What these names stand for. Raises UsageError for one that nobody and nothing has."""
    services = {*platform.catalog.services, *platform.catalog.invalid}
    teams = {team.name for team in platform.model.teams}
    groups = known_groups(platform.model)
    given = {grant.who for grant in parsed_grants(platform.tree).values()}
    others = set()
    for name in names:
        kind, colon, rest = name.partition(":")
        other = rest if colon and kind in (USER, GROUP) else name
        if other in teams | groups | given:
            others.add(other)
        elif name not in services:
            known = services | teams | groups | given
            raise UsageError(
                f"there is no service, team or group `{name}`, and no user who was given a role",
                hint=did_you_mean(name, known, "`scaffold access` says who has what."),
            )
    return Scope(frozenset(services.intersection(names)), frozenset(others))


def holdings(platform: PlatformRepo, scope: Scope, now: datetime) -> tuple[Holding, ...]:
    """Who has what of what was asked for: by platform.yml, then for a while."""
    active = [one for one in platform.catalog.services.values() if not one.is_retired]
    found = (*_by_teams(platform, active), *_by_grants(platform, active, now))
    return tuple(filter(None, map(scope.takes, found)))


def _given_by(team: Team) -> Iterator[tuple[Role, str, int]]:
    """Each role and group of a team, with its place in the list."""
    for role in Role:
        for number, group in enumerate(team.groups.of(role)):
            yield role, group, number


def _by_teams(platform: PlatformRepo, active: Sequence[Service]) -> Iterator[Holding]:
    environments = tuple(one.name for one in platform.model.environments)
    given = [
        (number, team, role, group, at)
        for number, team in enumerate(platform.model.teams)
        for role, group, at in _given_by(team)
    ]
    keys: list[Loc] = [("teams", n, "groups", role.value, at) for n, _, role, _, at in given]
    places = places_of(platform.tree[PLATFORM_FILE].data, keys, source=PLATFORM_FILE)
    for (_, team, role, group, _), place in zip(given, places, strict=True):
        mine = [one for one in active if one.owner == team.name]
        services = tuple(one.name for one in mine)
        repos = _repos(platform, mine)
        yield Holding(GROUP, group, role, team.name, services, environments, repos, place)


def _repos(platform: PlatformRepo, services: Sequence[Service]) -> tuple[str, ...]:
    """The repos to which a group has a role on the forge; a folder has no roles."""
    if not isinstance(platform.model.forge, ServerForge):
        return ()
    return tuple(repo.name for service in services for repo in service.repos.values())


def _by_grants(
    platform: PlatformRepo, active: Sequence[Service], now: datetime
) -> Iterator[Holding]:
    names = tuple(one.name for one in active)
    for name, grant in read_grants(platform.model, platform.tree).valid.items():
        yield Holding(
            grant.kind,
            grant.who,
            grant.role,
            "",
            tuple(filter(grant.covers, names)),
            (grant.environment,),
            (),
            f"{grant_path(name)}:1",
            clock(grant.until),
            grant.reason,
            grant.expired(now),
        )


def sources_of(platform: PlatformRepo, services: Collection[str]) -> Mapping[str, str]:
    """The file and line that says which team owns a service."""
    return {
        name: places_of(
            platform.tree[catalog_path(name)].data, [("owner",)], source=catalog_path(name)
        )[0]
        for name in sorted(services)
        if name in platform.catalog.services
    }


def deviations(
    platform: PlatformRepo, scope: Scope, found: Sequence[Holding], now: datetime
) -> tuple[Deviation, ...]:
    """What in git is another thing than it should be, of what was asked for.

    Raises ConfigError as `differences` does.
    """
    services = {name for one in found for name in one.services} | scope.services
    whole = not (scope.services or scope.others)
    said = [
        Deviation(Place.INVALID, path, "\n".join(error.lines))
        for path, error in left_out(platform.tree).items()
        if whole or path in services
    ]
    over = parsed_grants(platform.tree)
    said += [
        Deviation(Place.GRANT, grant_path(name), f"{grant.told}: over since {clock(grant.until)}")
        for name, grant in over.items()
        if grant.expired(now) and (whole or any(map(grant.covers, services)))
    ]
    said += [
        Deviation(Place.RENDERED, one.path, f"{one.change}: {one.why}")
        for one in differences(platform.tree, None if whole else services)
        if _is_of_roles(one.path)
    ]
    return tuple(said)


def _is_of_roles(path: str) -> bool:
    return path.startswith(f"{ACCESS_FOLDER}/") and path.endswith(f"/{ROLES_FILE}")


def asked_of(platform: PlatformRepo, scope: Scope, *, all_services: bool) -> Asked:
    """Whether the forge is to be compared: where something is named, or all is asked for."""
    if not isinstance(platform.model.forge, ServerForge):
        return Asked.NO_ROLES
    return Asked.COMPARED if scope.services or scope.others or all_services else Asked.NOT_ASKED


def on_the_forge(platform: PlatformRepo, services: Collection[str]) -> Iterator[Deviation]:
    """What of the rights to the repos of services is another thing on the forge.

    That is the role of each group that platform.yml names or once named, main's protection and the
    webhook.
    """
    looked = platform if platform.dry_run else replace(platform, dry_run=True)
    for one in sync_rights(looked, services):
        for said in one.said:
            yield Deviation(Place.FORGE, one.repo, f"to do: {said}")
        if one.error:
            yield Deviation(Place.NOT_READ, one.repo, "\n".join(one.error.lines))
