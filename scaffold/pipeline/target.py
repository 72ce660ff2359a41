"""One environment of an env repo: where it goes, what is released to it, is it retired."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from scaffold.chain.release import Release, read_release
from scaffold.checks.repo import read_repofile
from scaffold.config.api_server import ApiServer
from scaffold.config.documents import Document, parse_document, read_file
from scaffold.config.names import problem_with_label
from scaffold.config.places import RETIRE_MARKER, environment_folder, release_path
from scaffold.config.repofile import REPOFILE
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import UsageError
from scaffold.pipeline.needed import read_needed
from scaffold.similar import did_you_mean


class RetireMarker(Document):
    """`retire.yml`: what an environment holds is to go. It travels through review as a file."""

    delete_data: bool = Field(
        False, alias="delete-data", description="Whether what holds data goes too."
    )


@dataclass(frozen=True)
class Target:
    """One environment; `release` is None until something was promoted to it."""

    service: str
    environment: str
    namespace: str
    context: str
    api_server: ApiServer | None
    folder: Path
    release: Release | None
    retired: RetireMarker | None


def read_target(path: Path, environment: str) -> Target:
    """Read one environment of the env repo in `path`.

    Raises UsageError for an environment that the repo does not have.
    """
    check_environment_name(environment)
    repo = read_repofile(path)
    if environment not in repo.environments:
        raise UsageError(
            f"has no environment `{environment}`",
            where=str(path / REPOFILE),
            hint=did_you_mean(
                environment,
                repo.environments,
                f"It has: {', '.join(repo.environments) or 'none, so it is no env repo'}.",
            ),
        )
    place = repo.environments[environment]
    folder = path / environment_folder(environment)
    return Target(
        repo.service,
        environment,
        place.namespace,
        place.context,
        place.api_server,
        folder,
        _read_pin(path / release_path(environment)),
        read_marker(folder),
    )


def check_environment_name(environment: str) -> None:
    """Raise UsageError for what can be no environment's name, such as a path."""
    if problem := problem_with_label(environment):
        raise UsageError(f"the environment's name `{environment}` {problem}")


def read_marker(folder: Path) -> RetireMarker | None:
    """The retire marker of a folder, or None. Raises ConfigError where it is not valid."""
    file = folder / RETIRE_MARKER
    if not file.exists():
        return None
    data = read_file(file, hint="It is the marker of a retired environment: fix or remove it.")
    bare = read_yaml(data, source=str(file)) is None
    return RetireMarker() if bare else parse_document(RetireMarker, data, source=str(file))


def _read_pin(file: Path) -> Release | None:
    data = read_needed(
        file, hint="scaffold writes it, empty at first: bring it back from git's history."
    )
    return read_release(data, source=str(file))
