"""Create what was planned: all of the paired repos and the registration, or nothing."""

from collections.abc import Mapping
from contextlib import suppress

from scaffold.checks.report import Outcome
from scaffold.config.service import catalog_path
from scaffold.errors import (
    CheckFailedError,
    ForgeError,
    NameTakenError,
    ScaffoldError,
    StoppedError,
)
from scaffold.fleet.change import write_entry
from scaffold.fleet.platform import (
    PlatformRepo,
    change_platform,
    open_platform,
    registration_branch,
)
from scaffold.forge.api import MergeRequest
from scaffold.git import transport
from scaffold.git.tree import Entry, Tree
from scaffold.service.names import check_new_name
from scaffold.service.plan import NewRepo, NewService
from scaffold.service.steps import Do, perform, steps, webhook_secret


def create_service(platform: PlatformRepo, plan: NewService) -> MergeRequest | None:
    """Create, push and register what was planned; on a failure what this run made is removed.

    Returns the merge request where the registration waits for one. Raises CheckFailedError where
    the plan did not pass its checks, NameTakenError or ForgeError where the forge or the catalog
    changed since it was made.
    """
    if not plan.report.ok:
        raise CheckFailedError(
            "what was rendered does not pass its checks, so nothing was created",
            details=[line for result in plan.report.of(Outcome.FAILED) for line in result.lines],
            hint="Answer otherwise, or tell the blueprint's authors.",
        )
    with platform.forge.lock(plan.service.name):
        platform = open_platform(platform.folder)
        _refuse_stale(platform, plan)
        todo = steps(platform, plan)
        if any(step.do is Do.WEBHOOK for step in todo):
            webhook_secret()  # missing, it is told before anything is made
        made: list[NewRepo] = []
        try:
            for step in todo:
                if perform(platform, plan, step) and step.do is Do.CREATE:
                    made.append(step.repo)  # noqa: PERF401 - a failure takes back what is here
            return _register(platform, plan)
        except KeyboardInterrupt:
            _take_back(platform, plan, made)
            raise _stopped(platform, plan) from None
        except BaseException:
            _take_back(platform, plan, made)
            raise


def _refuse_stale(platform: PlatformRepo, plan: NewService) -> None:
    """Under the lock: what the plan was made from must still be so."""
    check_new_name(platform, plan.service.name)
    for one in plan.repos:
        seen = one.commit if one.there else None
        head = transport.remote_head(one.url) if platform.forge.find(one.name) else None
        if head != seen:
            raise ForgeError(
                f"the repo `{one.name}` changed while this was prepared; nothing was created",
                where=one.url,
                hint="Run it again.",
            )


def _stopped(platform: PlatformRepo, plan: NewService) -> ScaffoldError:
    """What to say about a Ctrl-C, by what is there after it."""
    left = [one.name for one in plan.repos if platform.forge.find(one.name)]
    if not left:
        return StoppedError("nothing was created")
    return StoppedError(
        f"of {plan.service.name} there are the repos {', '.join(left)}",
        hint="Run it again to finish it; `scaffold status` tells whether it is registered.",
    )


def _take_back(platform: PlatformRepo, plan: NewService, made: list[NewRepo]) -> None:
    """Remove the repos that this run made, unless the registration is through already.

    One that somebody else has pushed to meanwhile is left alone.
    """
    with suppress(ScaffoldError):
        now = open_platform(platform.folder)
        if now.service(plan.service.name) or now.pending(plan.service.name):
            return
    for one in reversed(made):
        # What can't be removed now is found and finished by the next run.
        with suppress(ScaffoldError, OSError):
            if transport.remote_head(one.url) in {None, one.commit}:
                platform.forge.delete(one.name)


def _register(platform: PlatformRepo, plan: NewService) -> MergeRequest | None:
    service = plan.service
    path = catalog_path(service.name)
    repos = "\n".join(f"- {one.name}: {one.url}" for one in plan.repos)

    def add(tree: Mapping[str, Entry]) -> Tree:
        if path in tree:
            raise NameTakenError(
                f"somebody else has just registered `{service.name}`", hint="Choose another name."
            )
        return {**tree, path: write_entry(service), **plan.access}

    return change_platform(
        platform,
        add,
        branch=registration_branch(service.name),
        message=f"Register the service {service.name}",
        body=f"Owner: {service.owner}\n\n{repos}",
    )
