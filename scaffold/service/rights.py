"""The rights on the forge to a paired repo: who has which role, main's protection, the webhook.

They follow from platform.yml and the service's owner. Each can be set again, so that the same code
sets them for a new repo and brings those of all others in step.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.config.team import Role
from scaffold.errors import ScaffoldError, UsageError
from scaffold.fleet.past import read_past
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import Access, Forge
from scaffold.git.faults import explained
from scaffold.git.tree import open_repo

WEBHOOK_SECRET = "SCAFFOLD_WEBHOOK_SECRET"  # noqa: S105 - its name


class Kind(StrEnum):
    """What is set."""

    GRANT = "grant"
    PROTECT = "protect"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Right:
    """One thing to set at a repo, with a description."""

    kind: Kind
    repo: str
    said: str
    access: Access = field(default_factory=dict)
    statuses: tuple[str, ...] = ()
    webhook: str = ""


@dataclass(frozen=True)
class RepoRights:
    """What differed in the rights to one repo, and why that, or setting them, failed.

    With an error a dry run did not see all of it: the forge may not have told.
    """

    repo: str
    said: tuple[str, ...]
    error: ScaffoldError | None = None


def rights(platform: Platform, owner: str, repo: str, part: str = "") -> tuple[Right, ...]:
    """What is to be set at a repo of a team's, in order. Pure.

    `part` is which of a service's repos it is, as its blueprint names it.
    """
    settings = platform.forge
    if not isinstance(settings, ServerForge):
        return ()  # a folder knows no roles, no rules and no webhooks
    statuses = settings.required.get(part, ())
    needs = f", which needs {', '.join(statuses)}" if statuses else ""
    said = f"protect main of {repo}{needs}"
    found = [Right(Kind.PROTECT, repo, said, statuses=statuses)]
    if access := _access(platform, owner):
        roles = "; ".join(f"{role}: {', '.join(groups)}" for role, groups in access.items())
        found.insert(0, Right(Kind.GRANT, repo, f"grant {repo} to {roles}", access))
    if settings.webhook:
        said = f"send webhooks of {repo} to {settings.webhook}"
        found.append(Right(Kind.WEBHOOK, repo, said, webhook=settings.webhook))
    return tuple(found)


def set_right(forge: Forge, right: Right, former: Collection[str] = ()) -> None:
    """Set it, whether or not it is so already. Raises ForgeError, UsageError.

    `former` are statuses that a merge into main needs no more.
    """
    match right.kind:
        case Kind.GRANT:
            forge.grant(right.repo, right.access)
        case Kind.PROTECT:
            forge.protect(right.repo, right.statuses, former=former)
        case Kind.WEBHOOK:
            forge.webhook(right.repo, right.webhook, webhook_secret())


def unknown_parts(platform: Platform, services: Iterable[Service]) -> tuple[str, ...]:
    """The repos whose statuses platform.yml requires, and which no service has. Pure."""
    settings = platform.forge
    known = {part for service in services for part in service.repos}
    named = settings.required if isinstance(settings, ServerForge) else {}
    return tuple(part for part in named if part not in known)


def sync_rights(
    platform: PlatformRepo, services: Collection[str] | None = None
) -> Iterator[RepoRights]:
    """Bring the rights to the repos of every active service, or those named, in step.

    A dry run only looks.

    What differs is told. All of it is set anew, since a forge does not show everything, such as a
    webhook's secret; and what platform.yml once gave to a group, and gives no more, is taken from
    it, as are a webhook at an address and a status of a repo that it once named. A repo that fails
    stops no other. Raises UsageError, before anything is set, where the environment has no secret
    for the webhooks.
    """
    active = [
        one
        for one in platform.catalog.services.values()
        if not one.is_retired and (services is None or one.name in services)
    ]
    wanted = [
        (service.name, part, of_repo)
        for service in active
        for part, repo in service.repos.items()
        if (of_repo := rights(platform.model, service.owner, repo.name, part))
    ]
    if not wanted:
        return
    if not platform.dry_run and any(right.webhook for *_, of_repo in wanted for right in of_repo):
        webhook_secret()
    past = read_past(open_repo(platform.folder), platform.head)
    for service, part, of_repo in wanted:
        once = _Once(
            past.groups.get(service, frozenset()),
            past.statuses.get(part, frozenset()),
            past.webhooks,
        )
        yield _sync(platform.forge, of_repo, once, dry_run=platform.dry_run)


@dataclass(frozen=True)
class _Once:
    """What platform.yml gave a repo at any time: groups, statuses that it needed, webhooks."""

    groups: frozenset[str]
    statuses: frozenset[str]
    webhooks: frozenset[str]


def _sync(forge: Forge, of_repo: tuple[Right, ...], once: _Once, *, dry_run: bool) -> RepoRights:
    repo = of_repo[0].repo
    differs = _Difference((), (), (), ())
    try:
        differs = _difference(forge, of_repo, once)
        if not dry_run:
            for right in of_repo:
                set_right(forge, right, differs.statuses)
            if differs.groups:
                forge.revoke(repo, differs.groups)
            if differs.webhooks:
                forge.remove_webhooks(repo, differs.webhooks)
    except Exception as error:  # noqa: BLE001 - whatever one repo brings out
        return RepoRights(repo, differs.said, explained(error))
    return RepoRights(repo, differs.said)


@dataclass(frozen=True)
class _Difference:
    """What is to be told, a phrase each; and what the past alone wanted."""

    said: tuple[str, ...]
    groups: tuple[str, ...]
    statuses: tuple[str, ...]
    webhooks: tuple[str, ...]


def _difference(forge: Forge, of_repo: tuple[Right, ...], once: _Once) -> _Difference:
    repo = of_repo[0].repo
    wanted = {
        group: role for right in of_repo for role, groups in _rising(right) for group in groups
    }
    known = {group.lower() for group in wanted}
    former = sorted(group for group in once.groups if group.lower() not in known)
    held = forge.held(repo, (*wanted, *former))
    if held is None:
        return _Difference((), (), (), ())
    lacks = [
        f"grant {repo} to {role}: {group}"
        for group, role in wanted.items()
        if held.roles.get(group) is not role
    ]
    (protection,) = (right for right in of_repo if right.kind is Kind.PROTECT)
    if not (held.protected and held.statuses.issuperset(protection.statuses)):
        lacks.append(protection.said)
    addresses = {right.webhook: right.said for right in of_repo if right.webhook}
    lacks += [said for address, said in addresses.items() if address not in held.webhooks]
    groups = tuple(group for group in former if group in held.roles)
    lacks += [f"take {repo} from {group}" for group in groups]
    statuses = tuple(sorted((held.statuses & once.statuses) - {*protection.statuses}))
    lacks += [f"let main of {repo} need {name} no more" for name in statuses]
    webhooks = tuple(sorted((held.webhooks & once.webhooks) - addresses.keys()))
    lacks += [f"send no webhooks of {repo} to {address}" for address in webhooks]
    return _Difference(tuple(lacks), groups, statuses, webhooks)


def _rising(right: Right) -> list[tuple[Role, Sequence[str]]]:
    """The groups of each role, the highest last: a group with several has that."""
    return [(role, right.access.get(role, ())) for role in Role]


def webhook_secret() -> str:
    """The secret to sign webhooks with. Raises UsageError where the environment has none."""
    if secret := os.environ.get(WEBHOOK_SECRET, ""):
        return secret
    raise UsageError(
        "there is no secret to sign webhooks with",
        hint=f"Set {WEBHOOK_SECRET} to what the bot has, or take `webhook` out of platform.yml.",
    )


def _access(platform: Platform, owner: str) -> dict[Role, tuple[str, ...]]:
    team = platform.team(owner)
    if team is None:
        return {}
    return {role: groups for role in Role if (groups := team.groups.of(role))}
