"""The jobs of an upgrade: services of the catalog, or repos by URL or path."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from scaffold.config.service import Service, ServiceState, catalog_path
from scaffold.errors import ConfigError, UsageError
from scaffold.fleet.catalog import catalog_names, unknown_service
from scaffold.fleet.offers import offers_to
from scaffold.fleet.platform import PlatformRepo
from scaffold.git import program
from scaffold.service.answers import environment_answers, platform_answers
from scaffold.upgrade.job import RepoTarget, ServiceJob, ServiceJobs


def catalog_jobs(
    platform: PlatformRepo,
    names: Sequence[str],
    *,
    everything: bool = False,
    owner: str | None = None,
    blueprint: str | None = None,
) -> ServiceJobs:
    """The services that are named, or all, filtered by owner and blueprint.

    A service with an invalid entry in the catalog is a job that fails, and is in every choice,
    since its owner and blueprint are unknown. Raises UsageError for an unknown name, team or
    blueprint, and where the choice is missing or contradictory.
    """
    if names and everything:
        raise UsageError("names services and takes --all", hint="Name some, or take all.")
    if not (names or everything or owner or blueprint):
        raise UsageError(
            "nothing says which services or repos",
            hint="Name services, or give --all, --owner TEAM, --blueprint B or --repo URL_OR_PATH.",
        )
    chosen: list[str] = []
    invalid: list[str] = []
    teams = {team.name for team in platform.model.teams}
    blueprints = {blueprint.name for blueprint in platform.model.blueprints}
    for name in dict.fromkeys(names) or catalog_names(platform.tree):
        try:
            service = _need_active(platform, name) if names else platform.service(name)
        except ConfigError:
            invalid.append(name)
            continue
        if service is None:
            continue
        teams.add(service.owner)  # a team that platform.yml dropped may still have services
        blueprints.add(service.blueprint)
        if (
            service.state is ServiceState.ACTIVE
            and owner in (None, service.owner)
            and blueprint in (None, service.blueprint)
        ):
            chosen.append(name)
    _need_known("team", owner, teams)
    _need_known("blueprint", blueprint, blueprints)
    return ServiceJobs((*chosen, *invalid), partial(_job, platform))


def _need_known(what: str, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        raise UsageError(
            f"there is no {what} `{name}`", hint=f"There are: {', '.join(sorted(known))}."
        )


def _need_active(platform: PlatformRepo, name: str) -> Service:
    """The catalog's entry of a service that was named."""
    service = platform.service(name)
    if service is None:
        raise unknown_service(name, catalog_names(platform.tree))
    if service.state is not ServiceState.ACTIVE:
        raise UsageError(
            f"the service `{name}` is {service.state}",
            hint=f"To bring it back: scaffold retire {name} --undo",
        )
    return service


def _job(platform: PlatformRepo, name: str) -> ServiceJob:
    try:
        service = _need_active(platform, name)
    except ConfigError as error:
        return ServiceJob(name, (), name, problem=error)
    try:
        supplied = _supplied(platform, service)
    except ValueError as error:
        hint = "Give the namespace in platform.yml, or the service, a shorter name."
        where = catalog_path(name)
        return ServiceJob(name, (), name, problem=ConfigError(str(error), where=where, hint=hint))
    repos = tuple(RepoTarget(repo.name, repo.url) for repo in service.repos.values())
    offers = offers_to(platform.model, service)
    return ServiceJob(service.name, repos, service.name, supplied=supplied, offers=offers)


def _supplied(platform: PlatformRepo, service: Service) -> dict[str, Any]:
    """The platform's answers. Raises ValueError where a namespace's name does not fit."""
    siblings = {repo: (paired.name, paired.url) for repo, paired in service.repos.items()}
    supplied = platform_answers(platform.model, service.name, service.owner, siblings)
    supplied["environments"] = environment_answers(platform.model, service.name, service.owner)
    return supplied


def repo_job(url_or_path: str) -> ServiceJob:
    """A job for a repo, which need not be in a catalog; a path may be inside a repo.

    Raises UsageError for a path that does not exist, or is not in a git repo.
    """
    path = Path(url_or_path).expanduser()
    if not path.exists():
        if ":" not in url_or_path:  # neither a URL nor an address for ssh
            raise UsageError("there is no such folder", where=url_or_path)
        name = url_or_path.rstrip("/").rpartition("/")[2].removesuffix(".git")
        return ServiceJob(url_or_path, (RepoTarget(name, url_or_path),))
    top = program.top_folder(path)
    if top is None:
        raise UsageError("is in no git repo", where=str(path))
    folder = path.resolve().relative_to(top)
    inside = "" if folder == Path() or program.is_bare(top) else folder.as_posix()
    return ServiceJob(url_or_path, (RepoTarget(top.name.removesuffix(".git"), str(top), inside),))
