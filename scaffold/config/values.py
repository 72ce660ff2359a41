"""Values in text form: names, quantities, times."""

import re
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from packaging.version import Version
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from scaffold.config.names import (
    LABEL_PATTERN,
    LONGEST_LABEL,
    REGISTRY_PATTERN,
    problem_with_label,
    problem_with_registry,
)


def _label(name: str) -> str:
    if problem := problem_with_label(name):
        raise ValueError(problem)
    return name


Label = Annotated[
    str,
    AfterValidator(_label),
    Field(json_schema_extra={"pattern": LABEL_PATTERN, "maxLength": LONGEST_LABEL}),
]


def _registry(text: str) -> str:
    if problem := problem_with_registry(text):
        raise ValueError(problem)
    return text


def _release(text: str) -> str:
    try:
        Version(text)
    except ValueError as error:  # InvalidVersion, or int()'s error for 5,000 digits
        raise ValueError("must be a version, as in v1.3.0") from error
    return text


Release = Annotated[str, AfterValidator(_release)]


Registry = Annotated[
    str, AfterValidator(_registry), Field(json_schema_extra={"pattern": REGISTRY_PATTERN})
]


# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_QUANTITY = r"[0-9]{1,15}(\.[0-9]{1,9})?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?"


def _quantity(text: str) -> str:
    if re.fullmatch(_QUANTITY, text) is None:
        raise ValueError("must be a quantity, as in 500m, 2 or 8Gi")
    return text


Quantity = Annotated[
    str, AfterValidator(_quantity), Field(json_schema_extra={"pattern": f"^{_QUANTITY}$"})
]


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or _MOMENT.match(value) is None:
        raise ValueError("must be a time with its zone, as in 2026-12-20T00:00:00Z")
    return value


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTES_A_DAY = 24 * 60
_WEEK_TIME = rf"({'|'.join(_DAYS)}) ([01]?[0-9]|2[0-3]):([0-5][0-9])"


def _week_time(text: str) -> str:
    if re.fullmatch(_WEEK_TIME, text) is None:
        raise ValueError("must be a day and a time of day, as in Friday 16:00")
    return text


WeekTime = Annotated[
    str, AfterValidator(_week_time), Field(json_schema_extra={"pattern": f"^{_WEEK_TIME}$"})
]


def minute_of_week(text: str) -> int:
    """The minutes from Monday 0:00 to a WeekTime."""
    day, _, clock = text.partition(" ")
    hours, _, minutes = clock.partition(":")
    return _DAYS.index(day) * _MINUTES_A_DAY + int(hours) * 60 + int(minutes)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no time zone of the IANA's, as in Europe/London") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]


# Not numbers, which pydantic would read as seconds since 1970.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
