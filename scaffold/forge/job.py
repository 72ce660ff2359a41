"""The repo that a CI job runs for, on the forge that runs it, by the job's own variables."""

import os

from pydantic import ValidationError

from scaffold.config.forges.kind import ForgeKind, Job
from scaffold.config.forges.registered import FORGES
from scaffold.config.forges.server import ServerForge
from scaffold.errors import UsageError
from scaffold.forge.api import Forge
from scaffold.forge.credentials import OUR_TOKEN, log_in
from scaffold.forge.registry import open_forge


def open_forge_of_job() -> tuple[Forge, str]:
    """The forge that runs this job, in the group of its repo, and the repo's name there.

    Raises UsageError where this is no job of a forge's CI, ForgeError where there is no token.
    """
    settings, repo = _server_of_job(*_kind_of_job())
    return open_forge(settings), repo


def in_job() -> bool:
    """Whether this is a job of a forge's CI."""
    return bool(_kinds_of_job())


def reach_siblings() -> None:
    """Let git read other repos of the forge that runs this job, where the job was given a token.

    No other server gets it, whatever URL a repo names. Outside of a job git's own settings count.
    """
    found = _kinds_of_job()
    if found and os.environ.get(OUR_TOKEN, "").strip():
        log_in(_server_of_job(*_most_marked(found))[0])


def _server_of_job(kind: ForgeKind, job: Job) -> tuple[ServerForge, str]:
    group, _, repo = _variable(job.repo).rpartition("/")
    values = {"kind": kind.name, "url": _variable(job.url), "group": group}
    if ca_file := os.environ.get(job.ca_file):
        values["ca_file"] = ca_file
    try:
        settings = kind.settings.model_validate(values)
    except ValidationError as error:
        raise UsageError(
            f"the job's variables {job.url} and {job.repo} name no server or repo to ask",
            details=[str(one["msg"]) for one in error.errors()],
        ) from error
    assert isinstance(settings, ServerForge)  # noqa: S101 - no other kind has jobs
    return settings, repo


def _kinds_of_job() -> list[tuple[ForgeKind, Job]]:
    return [(kind, kind.job) for kind in FORGES if kind.job and _is_set(kind.job)]


def _most_marked(found: list[tuple[ForgeKind, Job]]) -> tuple[ForgeKind, Job]:
    """Of several kinds whose marks are set, the one with the most: it may set another's, too."""
    return max(found, key=lambda one: len(one[1].marks))


def _kind_of_job() -> tuple[ForgeKind, Job]:
    found = _kinds_of_job()
    if not found:
        raise UsageError(
            "this is no job of a forge's CI, so nothing says whose statuses count",
            hint="By hand leave --after out: then the cluster is asked at once.",
        )
    return _most_marked(found)


def _is_set(job: Job) -> bool:
    return all(os.environ.get(mark) for mark in job.marks)


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise UsageError(f"the variable {name} is not set, as it is in each job")
    return value
