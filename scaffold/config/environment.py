"""An environment of platform.yml: where services run, and how a release gets there."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from scaffold.config.api_server import ApiServer
from scaffold.config.documents import Document
from scaffold.config.engine import Deploy, deploy_status
from scaffold.config.values import Label, Quantity


class Promotion(StrEnum):
    """How a release gets to an environment from the one before it."""

    AUTOMATIC = "automatic"
    SOAK = "soak"
    MERGE_REQUEST = "merge-request"


class Loosening(StrEnum):
    """What a service may make looser than the platform, where an environment allows it."""

    PROMOTION = "promotion"
    SOAK_HOURS = "soak_hours"


class Replicas(Document):
    """The limits of the autoscaler."""

    min: int = Field(
        1, ge=1, le=1000, strict=True, description="The fewest, which run when nothing happens."
    )
    max: int = Field(2, ge=1, le=1000, strict=True, description="The most, under the highest load.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max < self.min:
            raise ValueError(f"`max` ({self.max}) is smaller than `min` ({self.min})")
        return self


class Quota(Document):
    """The resource quota of one service in one environment."""

    cpu: Quantity = Field("4", description="Sum of CPU requests, a Kubernetes quantity.")
    memory: Quantity = Field("8Gi", description="Sum of memory requests, a Kubernetes quantity.")
    pods: int = Field(20, ge=1, le=100_000, strict=True, description="How many pods there may be.")


class Environment(Document):
    """One place where services run."""

    name: Label = Field(description="Its name, as in `dev` or `prod`.")
    after: Label | None = Field(None, description="The environment that this one follows.")
    promotion: Promotion = Field(
        Promotion.MERGE_REQUEST, description="How a release gets here from the one before."
    )
    soak_hours: float = Field(
        24,
        ge=0,
        le=10_000,
        strict=True,
        description="With `promotion: soak`: how long the environment before has to have had it.",
    )
    allow: tuple[Loosening, ...] = Field(
        (),
        description="What a service's `policy` may make looser; stricter it may be in any case.",
    )
    context: str = Field("", description="The kubeconfig context; empty: the current one.")
    api_server: ApiServer | None = Field(
        None,
        description="In place of `context`: a cluster to which jobs log in by a token that the"
        " forge makes for each, without a kubeconfig.",
    )
    deploy: Deploy = Field(Deploy(), description="What carries out releases there.")
    replicas: Replicas = Field(Replicas(), description="How many pods a service runs there.")
    quota: Quota = Field(Quota(), description="What a service may use there.")
    break_glass_hours: float = Field(
        8,
        ge=0,
        le=168,
        strict=True,
        description="The longest that `scaffold access grant` gives somebody a role there; 0: it"
        " gives none.",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.api_server and self.context:
            raise ValueError("`context` is one of a kubeconfig, which `api_server` takes none of")
        return self

    @property
    def break_glass(self) -> timedelta:
        """The longest that somebody is given a role there for a while."""
        return timedelta(hours=self.break_glass_hours)

    @property
    def soak(self) -> timedelta:
        """The time that a release waits before it is promoted here, with `promotion: soak`."""
        return timedelta(hours=self.soak_hours)

    @property
    def status(self) -> str:
        """The status of a commit whose release works here."""
        return f"smoke/{self.name}" if self.deploy.smoke else deploy_status(self.name)
