"""The policy of one service in one environment: the platform's, and what the service makes tighter.

A service may wait for longer, ask for a person, and freeze more. To loosen what the platform says
takes the platform's `allow`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from scaffold.config.documents import Document
from scaffold.config.environment import Environment, Loosening, Promotion
from scaffold.config.platform import Platform
from scaffold.config.propagation import AnyFreeze, Freeze, WeeklyFreeze
from scaffold.config.values import Label

_STRICTNESS = (Promotion.AUTOMATIC, Promotion.SOAK, Promotion.MERGE_REQUEST)


class ServiceEnvironment(Document):
    """What a service wants of one environment; what is left out is the platform's."""

    name: Label = Field(description="The environment of platform.yml.")
    promotion: Promotion | None = Field(
        None,
        description="How a release gets here. `merge-request` is stricter than `soak`, and that"
        " than `automatic`.",
    )
    soak_hours: float | None = Field(
        None,
        ge=0,
        le=10_000,
        strict=True,
        description="With `promotion: soak`: how long the environment before has to have had it.",
    )


class ServicePolicy(Document):
    """The policy of one service, beside the platform's."""

    environments: tuple[ServiceEnvironment, ...] = Field(
        (), description="How releases get to environments."
    )
    freeze: tuple[Freeze, ...] = Field(
        (), description="When nothing of the service moves, beside the platform's freezes."
    )
    weekly_freeze: tuple[WeeklyFreeze, ...] = Field((), description="The same, in each week.")
    notify: Label | None = Field(
        None,
        description="Where the bot tells of it: the webhook in SCAFFOLD_SLACK_WEBHOOK_<NAME>. By"
        " default that of its owner, and where there is none SCAFFOLD_SLACK_WEBHOOK.",
    )

    @property
    def freezes(self) -> tuple[AnyFreeze, ...]:
        """All its own periods in which nothing of the service moves."""
        return (*self.freeze, *self.weekly_freeze)

    def of(self, environment: str) -> ServiceEnvironment | None:
        """What it says of an environment, or None."""
        return next((one for one in self.environments if one.name == environment), None)


@dataclass(frozen=True)
class Policy:
    """What counts for a service in an environment, None for what comes before all of them."""

    environment: Environment | None
    freezes: tuple[AnyFreeze, ...]

    def frozen(self, now: datetime) -> str:
        """Why nothing moves at this moment; empty where it may."""
        name = self.environment.name if self.environment else None
        for freeze in self.freezes:
            concerned = not freeze.environments or name in freeze.environments
            if concerned and freeze.covers(now):
                return freeze.reason or f"until {freeze.end}"
        return ""


def policy_of(platform: Platform, own: ServicePolicy, environment: Environment | None) -> Policy:
    """The policy of a service with these wishes; of a loosening that is not allowed nothing."""
    freezes = (*platform.propagation.freezes, *own.freezes)
    wish = own.of(environment.name) if environment else None
    if environment is None or wish is None:
        return Policy(environment, freezes)
    refused = {one for one, _ in loosenings(environment, wish)}
    update: dict[str, object] = {}
    if wish.promotion is not None and Loosening.PROMOTION not in refused:
        update["promotion"] = wish.promotion
    if wish.soak_hours is not None and Loosening.SOAK_HOURS not in refused:
        update["soak_hours"] = wish.soak_hours
    return Policy(environment.model_copy(update=update), freezes)


def loosenings(
    environment: Environment, wish: ServiceEnvironment
) -> Iterator[tuple[Loosening, str]]:
    """What of a service's wishes is looser than the platform allows, and in which way."""
    asked, has = wish.promotion or environment.promotion, environment.promotion
    looser = _STRICTNESS.index(asked) < _STRICTNESS.index(has)
    if looser and Loosening.PROMOTION not in environment.allow:
        yield Loosening.PROMOTION, f"`{asked}` is looser than the platform's `{has}`"
    hours, there = wish.soak_hours, environment.soak_hours
    # Where nothing soaks by the platform's policy, any soak makes it stricter.
    shorter = hours is not None and hours < there and has is not Promotion.AUTOMATIC
    if shorter and Loosening.SOAK_HOURS not in environment.allow:
        yield Loosening.SOAK_HOURS, f"{hours:g} is less than the platform's {there:g}"
