"""What the commands of `scaffold blueprint` print with `--output json`; see `outputs`."""

from typing import Literal

from pydantic import Field

from scaffold.model.outputs import Output, Part


class VersionInUse(Part):
    """One version of a blueprint."""

    version: str
    released: bool = Field(description="False for a commit that has no tag, or whose tag is gone.")
    services: int = Field(description="How many services have it, by the oldest of their repos.")


class BlueprintInUse(Part):
    """One blueprint of the platform."""

    name: str
    url: str
    summary: str
    versions: tuple[VersionInUse, ...] = Field(description="Newest first.")
    error: str | None = Field(description="Why it could not be read.")


class UnreadableService(Part):
    """A service whose version is not known."""

    service: str
    error: str


class BlueprintsOutput(Output):
    """`scaffold blueprint list`."""

    kind: Literal["blueprints"] = "blueprints"
    blueprints: tuple[BlueprintInUse, ...]
    unreadable: tuple[UnreadableService, ...]
