"""The rights on the forge to a paired repo: who has which role, main's protection, the webhook.

They follow from platform.yml and the service's owner. Each can be set again, so that the same code
sets them for a new repo and brings those of all others in step.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import Platform, Role
from scaffold.errors import ScaffoldError, UsageError
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import Access, Forge
from scaffold.git.faults import explained

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
    """The rights to one repo, and why they could not all be set."""

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
    """Set all rights to the repos of every active service anew; a dry run only says which.

    A repo that fails stops no other. Raises UsageError, before anything is set, where the
    environment has no secret for the webhooks.
    """
    wanted = [
        rights(platform.model, service.owner, repo.name)
        for service in platform.catalog.services.values()
        if not service.is_retired
        for repo in service.repos.values()
    ]
    to_set = [of_repo for of_repo in wanted if of_repo]
    if not platform.dry_run and any(one.webhook for of_repo in to_set for one in of_repo):
        webhook_secret()
    for of_repo in to_set:
        error = None if platform.dry_run else _set(platform.forge, of_repo)
        yield RepoRights(of_repo[0].repo, tuple(one.said for one in of_repo), error)


def _set(forge: Forge, of_repo: tuple[Right, ...]) -> ScaffoldError | None:
    try:
        for right in of_repo:
            set_right(forge, right)
    except Exception as error:  # noqa: BLE001 - whatever one repo brings out
        return explained(error)
    return None


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
