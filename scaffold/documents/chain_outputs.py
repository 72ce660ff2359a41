"""What `status`, `bot`, `promote` and `retire` print with `--output json`; see `outputs`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from scaffold.documents.outputs import Output, Part


class PinStatus(Part):
    """One pin of a service, and what the bot would do about it."""

    place: str = Field(description="The environment, or the paired repo that holds the pin.")
    commit: str | None = Field(description="The upstream commit that is in use; null: none yet.")
    next: str | None = Field(description="The commit that would come next.")
    why: str = Field(
        description="move, request, current, waiting, soaking, held, frozen, paused, retired,"
        " absent, diverged or unknown."
    )
    detail: str


class BegunRun(Part):
    """A run of `scaffold new service` that has not come to its end."""

    by: str = Field(description="Who began it.")
    since: datetime = Field(description="When, by the clock of that machine.")


class ServiceStatus(Part):
    """One service of the catalog, or one that is to be registered there."""

    service: str
    owner: str | None = Field(description="Not known where it is pending, unfinished or invalid.")
    blueprint: str | None
    state: Literal["active", "paused", "retired", "pending", "unfinished", "invalid"]
    pins: tuple[PinStatus, ...]
    merge_request: str | None = Field(description="What a pending service waits for.")
    begun: BegunRun | None = Field(
        description="The run that creates an unfinished service, or was killed at that."
    )
    error: str | None = Field(
        description="Why its entry in the catalog, or its repos, could not be read."
    )


class StatusOutput(Output):
    """`scaffold status`."""

    kind: Literal["status"] = "status"
    services: tuple[ServiceStatus, ...]


class PropagationEvent(Part):
    """One pin, and what a pass of the bot did about it."""

    service: str
    repo: str
    place: str
    why: str
    commit: str = Field(description="The commit that moved it; empty where nothing moved.")
    next: str | None
    merge_request: str
    detail: str


class ServiceFailure(Part):
    """A service that a pass could not finish."""

    service: str
    cause: str
    message: str


class BotOutput(Output):
    """`scaffold bot run --once`."""

    kind: Literal["bot"] = "bot"
    done: bool = Field(description="Whether no service failed.")
    events: tuple[PropagationEvent, ...] = Field(description="Pins that are not current.")
    failures: tuple[ServiceFailure, ...]


class RetireOutput(Output):
    """`scaffold retire`."""

    kind: Literal["retire"] = "retire"
    service: str
    stage: Literal["proposed", "deploying", "pending", "retired", "undone", "active"] = Field(
        description="How far it is; active: there was nothing to undo."
    )
    detail: str
    merge_request: str
    note: str = Field("", description="What is not known of the clusters, and where to look.")


class PromoteOutput(Output):
    """`scaffold promote`."""

    kind: Literal["promote"] = "promote"
    service: str
    environment: str
    old: str | None
    new: str | None = Field(description="Null where there was nothing to promote.")
    merge_request: str
    diff: str = Field(description="The rendered manifests before and after.")
    past_policy: tuple[str, ...] = Field(
        (), description="What the bot would have waited for, where the push did not."
    )
