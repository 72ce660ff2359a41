"""What making a service does to the forge, step by step: told by a dry run, done by a real one.

Each step can be done again, so a run that was killed is finished by doing them all.
"""

import os
from dataclasses import dataclass
from enum import StrEnum

from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import Role
from scaffold.errors import UsageError
from scaffold.fleet.platform import PlatformRepo
from scaffold.git import branches
from scaffold.service.first_pins import NewRepo
from scaffold.service.plan import NewService

WEBHOOK_SECRET = "SCAFFOLD_WEBHOOK_SECRET"  # noqa: S105 - its name


class Do(StrEnum):
    """What a step does to its repo."""

    CREATE = "create"
    PUSH = "push"
    GRANT = "grant"
    PROTECT = "protect"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Step:
    """One step, and what it does in words."""

    do: Do
    repo: NewRepo
    said: str


def steps(platform: PlatformRepo, plan: NewService) -> tuple[Step, ...]:
    """All steps in order; a repo is taken by no push of others before its main is there."""
    return tuple(step for one in plan.repos for step in _of_repo(platform, plan, one))


def _of_repo(platform: PlatformRepo, plan: NewService, one: NewRepo) -> list[Step]:
    found: list[Step] = []
    if not one.there:
        found += [
            Step(Do.CREATE, one, f"create the repo {one.name}"),
            Step(Do.PUSH, one, f"push {one.commit[:12]} to main of {one.name}"),
        ]
    settings = platform.model.forge
    if not isinstance(settings, ServerForge):
        return found  # a folder knows no roles, no rules and no webhooks
    if access := _access(platform, plan):
        told = "; ".join(f"{role}: {', '.join(groups)}" for role, groups in access.items())
        found.append(Step(Do.GRANT, one, f"grant {one.name} to {told}"))
    found.append(Step(Do.PROTECT, one, f"protect main of {one.name}"))
    if settings.webhook:
        found.append(Step(Do.WEBHOOK, one, f"send webhooks of {one.name} to {settings.webhook}"))
    return found


def perform(platform: PlatformRepo, plan: NewService, step: Step) -> bool:
    """Do a step; False for a repo that was there already. Raises ForgeError, UsageError."""
    forge, one = platform.forge, step.repo
    match step.do:
        case Do.CREATE:
            said = f"{plan.service.name}: {one.repo}"
            return forge.create(one.name, description=said, topics=(plan.service.name, "scaffold"))
        case Do.PUSH:
            branches.push(plan.store, one.url, one.commit, "main", expect=None, fresh=True)
        case Do.GRANT:
            forge.grant(one.name, _access(platform, plan))
        case Do.PROTECT:
            forge.protect(one.name)
        case Do.WEBHOOK:
            settings = platform.model.forge
            assert isinstance(settings, ServerForge)  # noqa: S101 - what `steps` saw to
            forge.webhook(one.name, settings.webhook, webhook_secret())
    return True


def webhook_secret() -> str:
    """What webhooks are signed with. Raises UsageError where the environment has none."""
    if secret := os.environ.get(WEBHOOK_SECRET, ""):
        return secret
    raise UsageError(
        "there is no secret to sign webhooks with",
        hint=f"Set {WEBHOOK_SECRET} to what the bot has, or take `webhook` out of platform.yml.",
    )


def _access(platform: PlatformRepo, plan: NewService) -> dict[Role, tuple[str, ...]]:
    team = platform.model.team(plan.service.owner)
    if team is None:
        return {}
    return {role: groups for role in Role if (groups := team.groups.of(role))}
