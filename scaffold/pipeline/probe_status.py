"""What a probe found, as commit statuses: `scaffold status` shows those that are red."""

from pathlib import Path

from scaffold.config.engine import probe_status
from scaffold.fleet.catalog import unknown_service
from scaffold.fleet.platform import PlatformRepo
from scaffold.forge.api import StatusState
from scaffold.pipeline.probe import ProbedService
from scaffold.pipeline.revision import committed_revision


def set_statuses(path: Path, platform: PlatformRepo, done: ProbedService) -> None:
    """Set `probe/ENV` at the commit of the env repo in `path`, for each environment that was asked.

    Raises UsageError for a service that the catalog does not have, ForgeError.
    """
    services = platform.catalog.services
    service = services.get(done.service)
    if service is None or service.env_repo is None:
        raise unknown_service(done.service, services)
    repo, commit = service.repos[service.env_repo].name, committed_revision(path, ())
    for one in done.environments:
        if one.outcomes or one.error:
            state = StatusState.SUCCESS if one.ok else StatusState.FAILURE
            platform.forge.set_status(repo, commit, probe_status(one.environment), state)
