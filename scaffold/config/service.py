"""services/<name>.yml: the catalog, one file a service."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from scaffold.config.documents import Document
from scaffold.config.policy import ServicePolicy
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
    prereleases: bool = Field(
        False, description="Whether upgrades bring it prereleases of its blueprint, too."
    )
    paused: bool = Field(False, description="Whether the bot leaves it alone.")
    delete_data: bool = Field(
        False, description="Whether what holds data goes, too, when it is retired: engines keep it."
    )
    policy: ServicePolicy = Field(
        ServicePolicy(), description="What is stricter for it than for other services."
    )
    repos: dict[Label, PairedRepo] = Field(min_length=1, description="Its paired repos.")
    env_repo: Label | None = Field(
        None, description="The paired repo that has its environments; none: it is not deployed."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.env_repo is not None and self.env_repo not in self.repos:
            raise ValueError(f"`env_repo` ({self.env_repo}) is none of its `repos`")
        return self

    @property
    def is_retired(self) -> bool:
        """Whether it is not there any more but in the catalog."""
        return self.state is ServiceState.RETIRED


def catalog_path(service: str) -> str:
    """The path of a service's entry in the platform repo."""
    return f"services/{service}.yml"
