"""Whether somebody has to do something about a service. Pure."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from scaffold.chain.decide import Why
from scaffold.status.line import INVALID, PENDING, UNFINISHED, ServiceLine
from scaffold.status.versions import by_age

_FOR_SOMEBODY = frozenset({Why.REQUEST, Why.HELD, Why.DIVERGED, Why.UNKNOWN})
_BY_ITSELF = frozenset({Why.MOVE, Why.WAITING, Why.SOAKING, Why.FROZEN, Why.WITHDRAWN})


class Standing(StrEnum):
    """How a service stands; those that come first are shown first."""

    NEEDS_SOMEBODY = "needs-somebody"  # a failure, a red status, a hold, an open merge request
    MOVING = "moving"  # goes on by itself
    FINE = "fine"


_ORDER = tuple(Standing)


def standing(line: ServiceLine) -> Standing:
    """How a service stands."""
    pins = {standing_of(pin.why) for pin in line.pins}
    is_unsettled = line.state in (INVALID, PENDING, UNFINISHED) or line.error is not None
    is_red = any(status.is_red for status in line.statuses)
    if is_unsettled or is_red or line.proposals:
        return Standing.NEEDS_SOMEBODY
    return min(pins, key=_ORDER.index, default=Standing.FINE)


def standing_of(why: Why) -> Standing:
    """How a pin stands, by what becomes of it."""
    if why in _FOR_SOMEBODY:
        return Standing.NEEDS_SOMEBODY
    return Standing.MOVING if why in _BY_ITSELF else Standing.FINE


def in_order(lines: Sequence[ServiceLine], first: str) -> list[ServiceLine]:
    """The lines by what comes first: `name`, `owner`, the oldest `version`, or `need`.

    Within that by name. What is not known comes last.
    """
    keys: dict[str, Callable[[ServiceLine], Any]] = {
        "name": lambda line: line.service,
        "owner": lambda line: (line.owner is None, line.owner or ""),
        "version": lambda line: (line.versions.oldest is None, by_age(line.versions.oldest or "")),
        "need": lambda line: _ORDER.index(standing(line)),
    }
    return sorted(lines, key=lambda line: (keys[first](line), line.service))
