"""The services of a platform and where each is in its life."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from scaffold.errors import UsageError
from scaffold.forge import MergeRequest
from scaffold.service.platform import PlatformRepo

PENDING = "pending"


@dataclass(frozen=True)
class ServiceLine:
    """One service; owner and blueprint are not known before it is registered."""

    service: str
    owner: str | None
    blueprint: str | None
    state: str
    request: MergeRequest | None = None


def status(platform: PlatformRepo, wanted: Sequence[str]) -> tuple[ServiceLine, ...]:
    """The services by name, all of them or those that are wanted.

    Raises UsageError for a wanted one that is not there.
    """
    lines = {
        one.name: ServiceLine(one.name, one.owner, one.blueprint, one.state)
        for one in platform.services()
    }
    for name, request in platform.pending_services().items():
        lines.setdefault(name, ServiceLine(name, None, None, PENDING, request))
    for name in wanted:
        if name not in lines:
            close = difflib.get_close_matches(name, lines, n=1)
            raise UsageError(
                f"there is no service `{name}`",
                hint=f"Did you mean `{close[0]}`?"
                if close
                else "`scaffold status` lists all there are.",
            )
    return tuple(lines[name] for name in sorted(wanted or lines))
