"""services/<name>.yml: the catalog, one file a service."""

from enum import StrEnum

from pydantic import Field

from scaffold.config.documents import Document
from scaffold.config.urls import RepoUrl
from scaffold.config.values import Label


class ServiceState(StrEnum):
    """The state of a service in the catalog."""

    ACTIVE = "active"
    RETIRED = "retired"


class PairedRepo(Document):
    """One repo of a service."""

    name: str = Field(description="Its path on the forge.")
    url: RepoUrl = Field(description="Where git clones it from.")


class Service(Document):
    """One entry of the catalog."""

    name: Label = Field(description="Its name, which is also the file's.")
    owner: Label = Field(description="The team of platform.yml that owns it.")
    summary: str = Field(description="What it does, in one line.")
    blueprint: Label = Field(description="The blueprint of platform.yml that it was made from.")
    state: ServiceState = Field(ServiceState.ACTIVE, description="Where it is in its life.")
    paused: bool = Field(False, description="Whether the bot leaves it alone.")
    repos: dict[Label, PairedRepo] = Field(min_length=1, description="Its paired repos.")


def catalog_path(service: str) -> str:
    """The path of a service's entry in the platform repo."""
    return f"services/{service}.yml"
