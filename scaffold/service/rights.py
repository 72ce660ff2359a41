"""The rights on the forge to a paired repo: who has which role, main's protection, the webhook.

They follow from platform.yml and the service's owner. Each can be set again, so that the same code
sets them for a new repo and brings those of all others in step.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import Platform, Role
from scaffold.errors import ScaffoldError, UsageError
from scaffold.fleet.past import Past, read_past
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
    webhook: str = ""


@dataclass(frozen=True)
class RepoRights:
    """What differed in the rights to one repo, and why that, or setting them, failed.

    With an error a dry run did not see all of it: the forge may not have told.
    """

    repo: str
    said: tuple[str, ...]
    error: ScaffoldError | None = None


def rights(platform: Platform, owner: str, repo: str) -> tuple[Right, ...]:
    """What is to be set at a repo of a team's, in order. Pure."""
    settings = platform.forge
    if not isinstance(settings, ServerForge):
        return ()  # a folder knows no roles, no rules and no webhooks
    found = [Right(Kind.PROTECT, repo, f"protect main of {repo}")]
    if access := _access(platform, owner):
        roles = "; ".join(f"{role}: {', '.join(groups)}" for role, groups in access.items())
        found.insert(0, Right(Kind.GRANT, repo, f"grant {repo} to {roles}", access))
    if settings.webhook:
        said = f"send webhooks of {repo} to {settings.webhook}"
        found.append(Right(Kind.WEBHOOK, repo, said, webhook=settings.webhook))
    return tuple(found)


def set_right(forge: Forge, right: Right) -> None:
    """Set it, whether or not it is so already. Raises ForgeError, UsageError."""
    match right.kind:
        case Kind.GRANT:
            forge.grant(right.repo, right.access)
        case Kind.PROTECT:
            forge.protect(right.repo)
        case Kind.WEBHOOK:
            forge.webhook(right.repo, right.webhook, webhook_secret())


def sync_rights(platform: PlatformRepo) -> Iterator[RepoRights]:
    """Bring the rights to the repos of every active service in step; a dry run only looks.

    What differs is told. All of it is set anew, since a forge does not show everything, such as a
    webhook's secret; and what platform.yml once gave to a group, and gives no more, is taken from
    it, as is a webhook at an address that it once named. A repo that fails stops no other. Raises
    UsageError, before anything is set, where the environment has no secret for the webhooks.
    """
    active = [one for one in platform.catalog.services.values() if not one.is_retired]
    wanted = [
        (service.name, of_repo)
        for service in active
        for repo in service.repos.values()
        if (of_repo := rights(platform.model, service.owner, repo.name))
    ]
    if not wanted:
        return
    if not platform.dry_run and any(right.webhook for _, of_repo in wanted for right in of_repo):
        webhook_secret()
    past = read_past(open_repo(platform.folder), platform.head)
    for service, of_repo in wanted:
        yield _sync(platform.forge, service, of_repo, past, dry_run=platform.dry_run)


def _sync(
    forge: Forge, service: str, of_repo: tuple[Right, ...], past: Past, *, dry_run: bool
) -> RepoRights:
    repo = of_repo[0].repo
    differs = _Difference((), (), ())
    try:
        differs = _difference(forge, service, of_repo, past)
        if not dry_run:
            for right in of_repo:
                set_right(forge, right)
            if differs.groups:
                forge.revoke(repo, differs.groups)
            if differs.webhooks:
                forge.remove_webhooks(repo, differs.webhooks)
    except Exception as error:  # noqa: BLE001 - whatever one repo brings out
        return RepoRights(repo, differs.said, explained(error))
    return RepoRights(repo, differs.said)


@dataclass(frozen=True)
class _Difference:
    """What is to be told, a phrase each; and the groups and webhooks that the past alone wanted."""

    said: tuple[str, ...]
    groups: tuple[str, ...]
    webhooks: tuple[str, ...]


def _difference(forge: Forge, service: str, of_repo: tuple[Right, ...], past: Past) -> _Difference:
    repo = of_repo[0].repo
    wanted = {
        group: role for right in of_repo for role, groups in _rising(right) for group in groups
    }
    known = {group.lower() for group in wanted}
    once = past.groups.get(service, frozenset())
    former = sorted(group for group in once if group.lower() not in known)
    held = forge.held(repo, (*wanted, *former))
    if held is None:
        return _Difference((), (), ())
    lacks = [
        f"grant {repo} to {role}: {group}"
        for group, role in wanted.items()
        if held.roles.get(group) is not role
    ]
    if not held.protected:
        lacks.append(f"protect main of {repo}")
    addresses = {right.webhook: right.said for right in of_repo if right.webhook}
    lacks += [said for address, said in addresses.items() if address not in held.webhooks]
    groups = tuple(group for group in former if group in held.roles)
    lacks += [f"take {repo} from {group}" for group in groups]
    webhooks = tuple(sorted((held.webhooks & past.webhooks) - addresses.keys()))
    lacks += [f"send no webhooks of {repo} to {address}" for address in webhooks]
    return _Difference(tuple(lacks), groups, webhooks)


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
