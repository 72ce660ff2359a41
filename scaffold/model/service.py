"""services/<name>.yml: the catalog, one file a service."""

from enum import StrEnum

from pydantic import Field

from scaffold.model.documents import Document
from scaffold.model.platform import Label


class ServiceState(StrEnum):
    """Where a service is in its life, as the catalog has it."""

    ACTIVE = "active"
    RETIRED = "retired"


class PairedRepo(Document):
    """One repo of a service."""

    name: str
    url: str


class Service(Document):
    """One entry of the catalog."""

    name: Label
    owner: Label
    summary: str
    blueprint: Label
    state: ServiceState = ServiceState.ACTIVE
    repos: dict[Label, PairedRepo] = Field(min_length=1)


def catalog_path(service: str) -> str:
    """The path of a service's entry in the platform repo."""
    return f"services/{service}.yml"
