"""The names of a new service and of its paired repos."""

from scaffold.config.names import problem_with_repo_name, problem_with_service_name
from scaffold.errors import AnswerError, NameTakenError
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.pages import request_place
from scaffold.render.render import render_name
from scaffold.render.source import BlueprintVersion
from scaffold.service.reservation import find_reservation


def repo_names(blueprint: BlueprintVersion, service: str) -> dict[str, str]:
    """The name of each paired repo. Raises RenderError, AnswerError where a forge refuses it."""
    names = {
        repo: render_name(blueprint, part.name, {"service": service})
        for repo, part in blueprint.model.repos.items()
    }
    for name in names.values():
        if problem := problem_with_repo_name(name):
            raise AnswerError(f"the repo name `{name}` {problem}")
    return names


def problem_with_new_name(platform: PlatformRepo, service: str) -> str | None:
    """Say why a new service can't have this name, or None."""
    if problem := problem_with_service_name(service):
        return problem
    taken = _taken(platform, service)
    return None if taken is None or _is_to_be_finished(platform, service) else taken


def check_new_name(platform: PlatformRepo, service: str) -> bool:
    """Return whether an unfinished run of the same person has registered the service.

    Raises AnswerError for a name that a service can't have, NameTakenError for any other that is in
    use.
    """
    if problem := problem_with_service_name(service):
        raise AnswerError(f"the service name `{service}` {problem}", hint="Choose another name.")
    taken = _taken(platform, service)
    if taken is not None and not _is_to_be_finished(platform, service):
        raise _name_taken(service, taken)
    return taken is not None


def is_taken(platform: PlatformRepo, service: str) -> bool:
    """Whether the catalog has a service, or an open merge request adds it."""
    return _taken(platform, service) is not None


def check_not_taken(platform: PlatformRepo, service: str) -> None:
    """Raise NameTakenError where the catalog has a service, or an open merge request adds it."""
    if taken := _taken(platform, service):
        raise _name_taken(service, taken)


def check_new_blueprint(platform: PlatformRepo, name: str) -> None:
    """Raise NameTakenError where the platform has a blueprint of this name."""
    for source in platform.model.blueprints:
        if source.name == name:
            raise NameTakenError(
                f"the platform has a blueprint `{name}` already: {source.url}",
                hint=f"Choose another name, or change that one: git clone {source.url}",
            )


def _taken(platform: PlatformRepo, service: str) -> str | None:
    if platform.service(service) is not None:
        return "is taken: the catalog has a service of that name"
    if request := platform.pending(service):
        return f"is taken: it waits for its merge request: {request_place(request)}"
    return None


def _name_taken(service: str, taken: str) -> NameTakenError:
    return NameTakenError(f"the service name `{service}` {taken}", hint="Choose another name.")


def _is_to_be_finished(platform: PlatformRepo, service: str) -> bool:
    reservation = find_reservation(platform, service)
    return reservation is not None and reservation.mine
