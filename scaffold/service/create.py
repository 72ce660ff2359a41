"""Create what was planned: all of the paired repos and the registration, or nothing."""

from collections.abc import Mapping
from contextlib import suppress

from scaffold.checks.report import Outcome
from scaffold.errors import CheckFailedError, ForgeError, NameTakenError, ScaffoldError
from scaffold.forge import MergeRequest
from scaffold.git import transport
from scaffold.git.tree import Entry, Tree
from scaffold.model.service import catalog_path
from scaffold.service.change import write_entry
from scaffold.service.names import check_new_name
from scaffold.service.plan import NewRepo, NewService
from scaffold.service.platform import (
    PlatformRepo,
    change_platform,
    open_platform,
    registration_branch,
)


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
        made: list[str] = []
        try:
            for one in plan.repos:
                _create_repo(platform, plan, one, made)
            return _register(platform, plan)
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


def _create_repo(platform: PlatformRepo, plan: NewService, one: NewRepo, made: list[str]) -> None:
    if one.there:
        return
    if platform.forge.create(one.name, description=f"{plan.service.name}: {one.repo}"):
        made.append(one.name)
    transport.push(plan.store, one.url, one.commit, "main", expect=None)


def _take_back(platform: PlatformRepo, plan: NewService, made: list[str]) -> None:
    """Remove the repos that this run made, unless the registration is through already."""
    with suppress(ScaffoldError):
        now = open_platform(platform.folder)
        if now.service(plan.service.name) or now.pending(plan.service.name):
            return
    for name in reversed(made):
        # What can't be removed now is found and finished by the next run.
        with suppress(ScaffoldError, OSError):
            platform.forge.delete(name)


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
