"""Which units an upgrade takes: services of the catalog, or repos by URL or path."""

from collections.abc import Sequence
from pathlib import Path

from scaffold.errors import UsageError
from scaffold.git import transport
from scaffold.model.service import Service, ServiceState
from scaffold.service.answers import environment_answers, platform_answers
from scaffold.service.catalog import unknown_service
from scaffold.service.platform import PlatformRepo
from scaffold.upgrade.unit import RepoTarget, Unit


def service_units(
    platform: PlatformRepo,
    names: Sequence[str],
    *,
    everything: bool = False,
    owner: str | None = None,
    blueprint: str | None = None,
) -> list[Unit]:
    """The services that are named, or all, of one owner and of one blueprint where that is given.

    One whose entry in the catalog is not valid is a unit that fails. Raises UsageError for a name
    that the catalog has not, and where nothing narrows the choice.
    """
    services, invalid = platform.catalog.services, platform.catalog.invalid
    for name in names:
        if name not in services and name not in invalid:
            raise unknown_service(name, (*services, *invalid))
        if name in services and services[name].state is not ServiceState.ACTIVE:
            raise UsageError(
                f"the service `{name}` is {services[name].state}",
                hint=f"To bring it back: scaffold retire {name} --undo",
            )
    if not (names or everything or owner or blueprint):
        raise UsageError(
            "nothing says what to upgrade",
            hint="Name services, or give --all, --owner TEAM, --blueprint B or --repo URL_OR_PATH.",
        )
    return [
        *(
            _unit(platform, services[name])
            for name in (names or services)
            if name in services
            and services[name].state is ServiceState.ACTIVE
            and owner in (None, services[name].owner)
            and blueprint in (None, services[name].blueprint)
        ),
        # Whose they are and of which blueprint can't be told, so they are in every choice.
        *(
            Unit(name, (), name, problem=invalid[name])
            for name in (names or invalid)
            if name in invalid
        ),
    ]


def _unit(platform: PlatformRepo, service: Service) -> Unit:
    siblings = {repo: (one.name, one.url) for repo, one in service.repos.items()}
    supplied = platform_answers(platform.model, service.name, service.owner, siblings)
    supplied["environments"] = environment_answers(platform.model, service.name, service.owner)
    repos = tuple(RepoTarget(one.name, one.url) for one in service.repos.values())
    return Unit(service.name, repos, service.name, supplied)


def repo_unit(url_or_path: str) -> Unit:
    """A repo that no catalog needs to know; a path may be that of a folder inside a repo.

    Raises UsageError for a path that is in no git repo.
    """
    path = Path(url_or_path).expanduser()
    if not path.exists():
        name = url_or_path.rstrip("/").rpartition("/")[2].removesuffix(".git")
        return Unit(url_or_path, (RepoTarget(name, url_or_path),))
    top = transport.top_folder(path)
    if top is None:
        raise UsageError("is in no git repo", where=str(path))
    folder = path.resolve().relative_to(top)
    inside = "" if folder == Path() or transport.is_bare(top) else folder.as_posix()
    return Unit(url_or_path, (RepoTarget(top.name.removesuffix(".git"), str(top), inside),))
