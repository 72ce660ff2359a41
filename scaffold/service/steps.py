"""The steps on the forge that create a service: listed by a dry run, done by a real one.

Each step can be repeated, so a run that was killed is finished by doing all of them.
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
    """The action of a step."""

    CREATE = "create"
    PUSH = "push"
    GRANT = "grant"
    PROTECT = "protect"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Step:
    """One step, with a description."""

    do: Do
    repo: NewRepo
    said: str


def steps(platform: PlatformRepo, plan: NewService) -> tuple[Step, ...]:
    """All steps in order; a repo accepts pushes of others only after its main exists."""
    return tuple(step for repo in plan.repos for step in _of_repo(platform, plan, repo))


def _of_repo(platform: PlatformRepo, plan: NewService, repo: NewRepo) -> list[Step]:
    steps: list[Step] = []
    if not repo.there:
        steps += [
            Step(Do.CREATE, repo, f"create the repo {repo.name}"),
            Step(Do.PUSH, repo, f"push {repo.commit[:12]} to main of {repo.name}"),
        ]
    settings = platform.model.forge
    if not isinstance(settings, ServerForge):
        return steps  # a folder knows no roles, no rules and no webhooks
    if access := _access(platform, plan):
        groups_of_roles = "; ".join(
            f"{role}: {', '.join(groups)}" for role, groups in access.items()
        )
        steps.append(Step(Do.GRANT, repo, f"grant {repo.name} to {groups_of_roles}"))
    steps.append(Step(Do.PROTECT, repo, f"protect main of {repo.name}"))
    if settings.webhook:
        steps.append(Step(Do.WEBHOOK, repo, f"send webhooks of {repo.name} to {settings.webhook}"))
    return steps


def perform(platform: PlatformRepo, plan: NewService, step: Step) -> bool:
    """Do a step; False for a repo that exists already. Raises ForgeError, UsageError."""
    forge, repo = platform.forge, step.repo
    match step.do:
        case Do.CREATE:
            description = f"{plan.service.name}: {repo.repo}"
            return forge.create(
                repo.name, description=description, topics=(plan.service.name, "scaffold")
            )
        case Do.PUSH:
            branches.push(plan.store, repo.url, repo.commit, "main", expect=None, fresh=True)
        case Do.GRANT:
            forge.grant(repo.name, _access(platform, plan))
        case Do.PROTECT:
            forge.protect(repo.name)
        case Do.WEBHOOK:
            settings = platform.model.forge
            assert isinstance(settings, ServerForge)  # noqa: S101 - what `steps` saw to
            forge.webhook(repo.name, settings.webhook, webhook_secret())
    return True


def webhook_secret() -> str:
    """The secret to sign webhooks with. Raises UsageError where the environment has none."""
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
