"""grants/<id>.yml: a role that somebody has in an environment for a while, one file a grant."""

import hashlib
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from scaffold.config.documents import Document
from scaffold.config.team import Role
from scaffold.config.values import Label, Moment

GRANTS_FOLDER = "grants"
_LONGEST_NAME = 253  # characters; of a user or a group
_SLUG = 30  # characters of a name that an id has
_DIGEST = 8  # of the digest that tells ids apart
_DURATION = re.compile("(?:([0-9]{1,4})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?")


_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # controls, such as those that turn the order of a line
_IN_TEXT = frozenset("\n\t")


def _name(text: str) -> str:
    if any(unicodedata.category(one) in _UNSEEN for one in text):
        raise ValueError("has a character that nobody sees")
    if not text.strip() or text != text.strip() or len(text) > _LONGEST_NAME:
        raise ValueError(
            f"must be a name of 1 to {_LONGEST_NAME} characters, without spaces beside"
        )
    if text.startswith("system:"):
        # `system:authenticated` is everybody, `system:anonymous` whoever has no login.
        raise ValueError("names of Kubernetes' own, which begin with `system:`, get no grant")
    return text


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("must say what for")
    if any(unicodedata.category(one) in _UNSEEN for one in text if one not in _IN_TEXT):
        raise ValueError("has a character that nobody sees")
    return text


Name = Annotated[str, AfterValidator(_name)]


class Grant(Document):
    """A role for a user or a group, in the namespaces of services in one environment."""

    user: Name | None = Field(None, description="Who gets it, as the cluster names users.")
    group: Name | None = Field(None, description="Or which group, as the cluster names groups.")
    role: Role = Field(description="The role that they have.")
    environment: Label = Field(description="The environment in which they have it.")
    services: tuple[Label, ...] = Field((), description="For which services; empty: for all.")
    since: Moment = Field(description="When it was given, with a time zone.")
    until: Moment = Field(description="When the bot takes it back, with a time zone.")
    reason: Annotated[str, AfterValidator(_reason)] = Field(description="What for.")

    @model_validator(mode="after")
    def _one_holder(self) -> Self:
        if (self.user is None) is (self.group is None):
            raise ValueError("needs either a `user` or a `group`")
        if self.until <= self.since:
            raise ValueError("`until` must come after `since`")
        return self

    @property
    def who(self) -> str:
        """The name of the user or the group."""
        return self.user or self.group or ""

    @property
    def kind(self) -> str:
        """`user` or `group`."""
        return "group" if self.user is None else "user"

    @property
    def length(self) -> timedelta:
        """For how long it was given."""
        return self.until - self.since

    @property
    def id(self) -> str:
        """What it is called: the same role for the same services is the same grant."""
        told = "\0".join((self.kind, self.who, self.role, self.environment, *sorted(self.services)))
        slug = re.sub("[^a-z0-9]+", "-", self.who.lower()).strip("-")[:_SLUG].strip("-")
        digest = hashlib.sha256(told.encode()).hexdigest()[:_DIGEST]
        return "-".join(filter(None, (self.environment, slug, digest)))

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.until <= now

    def covers(self, service: str) -> bool:
        """Whether it is for this service."""
        return not self.services or service in self.services

    @property
    def told(self) -> str:
        """What it gives, in words."""
        services = ", ".join(self.services) or "all services"
        return f"{self.kind} {self.who}: {self.role} of {services} in {self.environment}"


def grant_path(name: str) -> str:
    """The path of a grant in the platform repo."""
    return f"{GRANTS_FOLDER}/{name}.yml"


def grant_file(grant: Grant) -> dict[str, object]:
    """The content of its file."""
    told = grant.model_dump(mode="json", exclude_defaults=True)
    return told | {"since": clock(grant.since), "until": clock(grant.until)}


def clock(moment: datetime) -> str:
    """A moment in UTC, to the second, as files and tables have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_duration(text: str) -> timedelta:
    """How long `2h`, `90m`, `1d` or `1h30m` is. Raises ValueError."""
    match = _DURATION.fullmatch(text.strip())
    days, hours, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    found = timedelta(days=days, hours=hours, minutes=minutes)
    if not found:
        raise ValueError(f"`{text}` is no duration, as in 2h, 90m or 1h30m")
    return found
