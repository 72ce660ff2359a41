"""`propagation:` of platform.yml: how and when the bot propagates commits from repo to repo."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from scaffold.config.documents import Document
from scaffold.config.values import Label, Moment, WeekTime, Zone, minute_of_week


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

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is in it."""
        return self.start <= moment < self.until

    @property
    def end(self) -> str:
        """Its end, in words."""
        return self.until.isoformat()


class WeeklyFreeze(Document):
    """A period of each week in which the bot moves nothing, by the clocks of a place."""

    start: WeekTime = Field(alias="from", description="Its begin, as in `Friday 16:00`.")
    until: WeekTime = Field(description="Its end, as in `Monday 8:00`.")
    zone: Zone = Field(description="Whose clocks: a time zone of the IANA's, `Europe/London`.")
    environments: tuple[Label, ...] = Field((), description="Only these; empty: everything.")
    reason: str = Field("", description="What the bot says about it.")

    @model_validator(mode="after")
    def _some_time(self) -> "WeeklyFreeze":
        if minute_of_week(self.start) == minute_of_week(self.until):
            raise ValueError("`until` must be another time than `from`")
        return self

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is in it; on the days when clocks are changed, too, they count."""
        local = moment.astimezone(ZoneInfo(self.zone))
        now = (local.weekday() * 24 + local.hour) * 60 + local.minute
        start, end = minute_of_week(self.start), minute_of_week(self.until)
        return start <= now < end if start < end else now >= start or now < end

    @property
    def end(self) -> str:
        """Its end, in words."""
        return f"{self.until}, {self.zone}"


AnyFreeze = Freeze | WeeklyFreeze


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
    weekly_freeze: tuple[WeeklyFreeze, ...] = Field(
        (), description="When nothing moves in each week."
    )

    @property
    def freezes(self) -> tuple[AnyFreeze, ...]:
        """All periods in which nothing moves."""
        return (*self.freeze, *self.weekly_freeze)
