"""What the objects for both engines have in common."""

from dataclasses import dataclass
from typing import Any

import yaml

from scaffold.config.documents import FAST_DUMPER
from scaffold.config.environment import Environment
from scaffold.config.forge import kind_of
from scaffold.config.forges.kind import StatusApi
from scaffold.config.forges.server import ServerForge
from scaffold.config.names import LONGEST_LABEL
from scaffold.config.places import HOLDS_DATA, access_folder, environment_folder
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.git.tree import Entry

GIT_SECRET = "scaffold-git"  # noqa: S105 - its name
STATUS_SECRET = "scaffold-status"  # noqa: S105 - its name
Json = dict[str, Any]
_HEADER = "# Written by scaffold from platform.yml and the catalog, not by hand.\n"


def object_name(service: str, environment: str) -> str:
    """What a service's objects for an environment are called; neither name holds a dot."""
    return f"{service}.{environment}"


def access_name(service: str, environment: str) -> str:
    """What the objects for its namespace, quota and roles are called."""
    return f"{object_name(service, environment)}.access"


@dataclass(frozen=True)
class Run:
    """One service in one environment, as an engine has to know it."""

    forge: ServerForge
    service: Service
    environment: Environment
    namespace: str
    repo: str
    url: str

    @property
    def statuses(self) -> StatusApi:
        """How the forge is told of a deploy."""
        return status_api(self.forge)

    @property
    def repo_path(self) -> str:
        """The env repo's path on the server."""
        return f"{self.forge.group}/{self.repo}"

    @property
    def name(self) -> str:
        """What its objects are called."""
        return object_name(self.service.name, self.environment.name)

    @property
    def access_name(self) -> str:
        """What the objects for its namespace, quota and roles are called."""
        return access_name(self.service.name, self.environment.name)

    @property
    def path(self) -> str:
        """What is deployed, below the top of its env repo."""
        return environment_folder(self.environment.name)

    @property
    def access_path(self) -> str:
        """Its namespace, quota and roles, below the top of the platform repo."""
        return access_folder(self.environment.name, self.service.name)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of its objects, as its namespace has them."""
        return {
            "scaffold/service": self.service.name,
            "scaffold/owner": self.service.owner,
            "scaffold/environment": self.environment.name,
        }


def run_of(
    platform: Platform, forge: ServerForge, service: Service, environment: Environment
) -> Run | None:
    """A service in an environment; None where it has none there, or is retired.

    Raises ValueError where a name does not fit what Kubernetes allows.
    """
    if service.env_repo is None or service.is_retired:
        return None
    repo = service.repos[service.env_repo]
    namespace = platform.namespace_of(service.name, environment.name, service.owner)
    run = Run(forge, service, environment, namespace, repo.name, repo.url)
    check_length(run.access_name)
    return run


def status_api(forge: ServerForge) -> StatusApi:
    """How a forge is told of a deploy. Raises ValueError for one that can't be."""
    api = kind_of(forge.kind).statuses
    if api is None:
        raise ValueError(f"no engine knows a forge of the kind `{forge.kind}`")
    return api


def check_length(name: str) -> None:
    """Raise ValueError for a name that is too long: engines put it into labels, too."""
    if len(name) > LONGEST_LABEL:
        raise ValueError(f"`{name}` has {len(name)} characters; at most {LONGEST_LABEL} fit")


def root_name(environment: Environment) -> str:
    """What the objects are called by which an engine reads the platform repo."""
    return f"scaffold-{environment.name}"


def annotated(key: str, value: str, **target: str) -> Json:
    """A kustomize patch that annotates what `target` picks; its own kind and name don't count."""
    patch = {
        "apiVersion": "v1",
        "kind": "any",
        "metadata": {"name": "any", "annotations": {key: value}},
    }
    return {"target": target, "patch": yaml.safe_dump(patch, sort_keys=False)}


def data_kept(key: str, value: str) -> list[Json]:
    """The patches by which an engine keeps what holds data: its annotation on each of these."""
    return [
        annotated(key, value, kind="PersistentVolumeClaim"),
        annotated(key, value, annotationSelector=f"{HOLDS_DATA}=true"),
    ]


class _Dumper(FAST_DUMPER):  # type: ignore[misc]
    """Writes text of several lines as it is read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def file_of(*objects: Json) -> Entry:
    """The objects in one file."""
    return Entry.file((_HEADER + yaml.dump_all(objects, Dumper=_Dumper, sort_keys=False)).encode())
