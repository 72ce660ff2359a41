"""`propagation:` of platform.yml: how and when the bot propagates commits from repo to repo."""

from enum import StrEnum

from pydantic import Field, model_validator

from scaffold.config.documents import Document
from scaffold.config.values import Label, Moment


class Require(StrEnum):
    """The status that a commit needs before the bot propagates it."""

    STATUS = "status"
    NONE = "none"


class Push(StrEnum):
    """How the bot writes to a repo."""

    DIRECT = "direct"
    MERGE_REQUEST = "merge-request"
    AUTO_MERGE = "auto-merge"


class Freeze(Document):
    """A period in which the bot moves nothing."""

    start: Moment = Field(alias="from", description="Its begin, with a time zone.")
    until: Moment = Field(description="Its end, with a time zone.")
    environments: tuple[Label, ...] = Field((), description="Only these; empty: everything.")
    reason: str = Field("", description="What the bot says about it.")

    @model_validator(mode="after")
    def _in_order(self) -> "Freeze":
        if self.until <= self.start:
            raise ValueError("`until` must come after `from`, or nothing is ever frozen")
        return self


class Propagation(Document):
    """How the bot propagates commits from repo to repo."""

    require: Require = Field(
        Require.STATUS,
        description="`status`: the commit's CI status must be green; `none`: every commit goes.",
    )
    push: Push = Field(
        Push.DIRECT,
        description="A push to main, a merge request, or (`auto-merge`) one that the forge merges"
        " once its checks are green.",
    )
    freeze: tuple[Freeze, ...] = Field((), description="When nothing moves.")
