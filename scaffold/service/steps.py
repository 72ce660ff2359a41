"""The steps on the forge that create a service: listed by a dry run, done by a real one.

Each step can be repeated, so a run that was killed is finished by doing all of them.
"""

from dataclasses import dataclass
from enum import StrEnum

from scaffold.fleet.platform import PlatformRepo
from scaffold.git import branches
from scaffold.service.first_pins import NewRepo
from scaffold.service.plan import NewService
from scaffold.service.rights import Right, rights, set_right


class Do(StrEnum):
    """The action of a step."""

    CREATE = "create"
    PUSH = "push"
    SET = "set"  # a right


@dataclass(frozen=True)
class Step:
    """One step, with a description; `right` is what a step of that kind sets."""

    do: Do
    repo: NewRepo
    said: str
    right: Right | None = None


def steps(platform: PlatformRepo, plan: NewService) -> tuple[Step, ...]:
    """All steps in order; a repo accepts pushes of others only after its main exists."""
    return tuple(step for repo in plan.repos for step in _of_repo(platform, plan, repo))


def _of_repo(platform: PlatformRepo, plan: NewService, repo: NewRepo) -> list[Step]:
    made: list[Step] = []
    if not repo.there:
        made += [
            Step(Do.CREATE, repo, f"create the repo {repo.name}"),
            Step(Do.PUSH, repo, f"push {repo.commit[:12]} to main of {repo.name}"),
        ]
    to_set = rights(platform.model, plan.service.owner, repo.name, repo.repo)
    return [*made, *(Step(Do.SET, repo, right.said, right) for right in to_set)]


def perform(platform: PlatformRepo, plan: NewService, step: Step) -> bool:
    """Do a step; False for a repo that exists already. Raises ForgeError, UsageError."""
    forge, repo = platform.forge, step.repo
    if step.do is Do.CREATE:
        description = f"{plan.service.name}: {repo.repo}"
        return forge.create(
            repo.name, description=description, topics=(plan.service.name, "scaffold")
        )
    if step.do is Do.PUSH:
        branches.push(plan.store, repo.url, repo.commit, "main", expect=None, fresh=True)
    if step.right is not None:
        set_right(forge, step.right)
    return True
