"""Create what was planned: all of the paired repos and the registration, or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

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
from scaffold.fleet.generated import with_service
from scaffold.fleet.platform import PlatformRepo, open_platform, registration_branch
from scaffold.fleet.proposals import change_platform
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.git import branches
from scaffold.git.tree import Entry, Tree
from scaffold.service.first_pins import NewRepo
from scaffold.service.hold import Hold, reserved
from scaffold.service.names import check_not_taken, is_taken
from scaffold.service.plan import NewService
from scaffold.service.reservation import clear_reservations
from scaffold.service.rights import webhook_secret
from scaffold.service.steps import Do, perform, steps


@contextmanager
def create_service(platform: PlatformRepo, plan: NewService) -> Iterator[MergeRequest | None]:
    """Create, push and register what was planned; on a failure, what this run made is removed.

    The body of the context reports to the user; a run that is killed before its end is finished by
    the next one. It gets the merge request if the registration needs one. Raises CheckFailedError
    where the plan did not pass its checks, NameTakenError or ForgeError where the forge or the
    catalog changed since the plan was made, or another run creates the service.
    """
    if not plan.report.ok:
        raise CheckFailedError(
            "what was rendered does not pass its checks, so nothing was created",
            details=[line for result in plan.report.of(Outcome.FAILED) for line in result.lines],
            hint="Answer otherwise, or tell the blueprint's authors.",
        )
    repos = [repo.name for repo in plan.repos]
    with reserved(platform, plan.service.name, repos) as hold:
        yield _create(platform, plan, hold)
        clear_reservations(platform)


def _create(platform: PlatformRepo, plan: NewService, hold: Hold) -> MergeRequest | None:
    made: list[NewRepo] = []
    registering = False
    try:
        platform = open_platform(platform.folder)
        if plan.registered:
            return platform.pending(plan.service.name)
        _refuse_stale(platform, plan)
        todo = steps(platform, plan)
        if any(step.right and step.right.webhook for step in todo):
            webhook_secret()  # raises before anything is created
        for step in todo:
            hold.keep()
            if perform(platform, plan, step) and step.do is Do.CREATE:
                made.append(step.repo)
        hold.keep()
        registering = True
        return _register(platform, plan)
    except BaseException as error:
        _take_back(platform, plan, hold, made, registering=registering)
        if isinstance(error, KeyboardInterrupt):
            raise _stopped(platform, plan) from None
        raise


def _refuse_stale(platform: PlatformRepo, plan: NewService) -> None:
    """Check that the forge still is as planned, now that the service is reserved."""
    check_not_taken(platform, plan.service.name)
    for repo in plan.repos:
        seen = repo.commit if repo.there else None
        head = branches.remote_head(repo.url) if platform.forge.find(repo.name) else None
        if head != seen:
            raise ForgeError(
                f"the repo `{repo.name}` changed while this was prepared; nothing was created",
                where=repo.url,
                hint="Run it again.",
            )


def _stopped(platform: PlatformRepo, plan: NewService) -> ScaffoldError:
    """The error for a Ctrl-C, by what exists after it."""
    left = [repo.name for repo in plan.repos if platform.forge.find(repo.name)]
    if not left:
        return StoppedError("nothing was created")
    return StoppedError(
        f"of {plan.service.name} there are the repos {', '.join(left)}",
        hint="Run it again to finish it; `scaffold status` tells whether it is registered.",
    )


def _take_back(
    platform: PlatformRepo,
    plan: NewService,
    hold: Hold,
    made: Sequence[NewRepo],
    *,
    registering: bool,
) -> None:
    """Remove the repos that this run made, and release the reservation.

    Nothing is removed where the platform can't be reached, or another run has the service. Where
    the registration succeeded after all, the reservation stays: the next run reports that the
    service is complete.
    """
    with suppress(ScaffoldError, OSError):
        if made:
            hold.take_back()
        for repo in reversed(made):
            now = open_platform(platform.folder)
            if _is_named(now, repo.name) or now.pending(plan.service.name):
                break
            if _is_untouched(repo):
                hold.take_back()  # right before: the repo may be another run's by now
                with suppress(ForgeError, OSError):  # the next run finds the repo and uses it
                    now.forge.delete(repo.name)
        if not (registering and is_taken(open_platform(platform.folder), plan.service.name)):
            hold.end()


def _is_named(platform: PlatformRepo, repo: str) -> bool:
    """Whether the catalog has a repo; an unreadable entry counts if its text has the name."""
    services = platform.catalog.services.values()
    unreadable = (platform.tree[catalog_path(name)].data for name in platform.catalog.invalid)
    return any(
        paired.name == repo for service in services for paired in service.repos.values()
    ) or any(repo.encode() in text for text in unreadable)


def _is_untouched(repo: NewRepo) -> bool:
    """Whether a repo has only what this run pushed, as far as the forge can tell."""
    with suppress(ForgeError):
        return branches.remote_heads(repo.url).items() <= {"main": repo.commit}.items()
    return False


def _register(platform: PlatformRepo, plan: NewService) -> MergeRequest | None:
    service = plan.service
    path = catalog_path(service.name)
    repos = "\n".join(f"- {repo.name}: {repo.url}" for repo in plan.repos)

    def add(tree: Mapping[str, Entry]) -> Tree:
        if path in tree:
            raise NameTakenError(
                f"somebody else has just registered `{service.name}`", hint="Choose another name."
            )
        return with_service({**tree, path: write_entry(service)}, service.name)

    title, body = f"Register the service {service.name}", f"Owner: {service.owner}\n\n{repos}"
    branch = registration_branch(service.name)
    return change_platform(platform, add, branch, Proposal(title, body))
