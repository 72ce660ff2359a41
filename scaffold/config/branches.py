"""The branches that scaffold proposes changes from, each named once, and what each is for. Pure."""

from dataclasses import dataclass
from enum import StrEnum

MOVE = "scaffold/promote-"
"""Before the name of a pin's place, as in `scaffold/promote-prod`."""

REGISTRATION = "scaffold/register-"
DATA = "scaffold/data-"
PAUSE = "scaffold/pause-"
SERVICE_RETIREMENT = "scaffold/retire-"
"""Before the name of a service, in the platform repo."""

BLUEPRINT = "scaffold/blueprint-"
"""Before the name of a blueprint that the platform is to know, in the platform repo."""

RETIREMENT = "scaffold/retire"
RETIREMENT_UNDONE = "scaffold/retire-undo"
"""In an env repo."""

PLATFORM_SYNC = "scaffold/platform-sync"

GRANT = "scaffold/grant-"
"""Before the name of a grant that is given or taken back, in the platform repo."""

EXPIRED = "scaffold/grants-expired"
"""In the platform repo: what takes back the grants whose time is over."""

HEAL = "scaffold/heal-"
"""Before the name of a template: what brings files back to what it renders."""

UPGRADE = "scaffold/"
"""Before the name of a template; every other name with this beginning is one of those above."""


class Purpose(StrEnum):
    """What a merge request is for, as far as its branch tells."""

    MOVE = "move"  # of a pin, by the bot or by `scaffold promote`
    UPGRADE = "upgrade"  # of a blueprint, or the link to one
    HEAL = "heal"  # of files that have drifted from a blueprint
    REGISTRATION = "registration"
    BLUEPRINT = "blueprint"  # that services may be made from
    RETIREMENT = "retirement"
    PAUSE = "pause"
    SYNC = "sync"  # of what is generated in the platform repo
    ACCESS = "access"  # of somebody, for a while: given, or taken back
    OTHER = "other"  # somebody's own


@dataclass(frozen=True)
class Proposed:
    """What a branch is for; `name` is that of a pin's place or of a service, if it has one."""

    purpose: Purpose
    name: str = ""


_OF_SERVICES = (
    (REGISTRATION, Purpose.REGISTRATION),
    (DATA, Purpose.RETIREMENT),
    (SERVICE_RETIREMENT, Purpose.RETIREMENT),
    (PAUSE, Purpose.PAUSE),
)


def proposed_from(branch: str, *, platform: bool) -> Proposed:
    """What is proposed from a branch of a paired repo, or of the platform repo."""
    if platform:
        for start, purpose in _OF_SERVICES:
            if branch.startswith(start):
                return Proposed(purpose, branch.removeprefix(start))
        if branch.startswith(BLUEPRINT):
            return Proposed(Purpose.BLUEPRINT)
        if branch == EXPIRED or branch.startswith(GRANT):
            return Proposed(Purpose.ACCESS)
        return Proposed(Purpose.SYNC if branch == PLATFORM_SYNC else Purpose.OTHER)
    if branch.startswith(MOVE):
        return Proposed(Purpose.MOVE, branch.removeprefix(MOVE))
    if branch in (RETIREMENT, RETIREMENT_UNDONE):
        return Proposed(Purpose.RETIREMENT)
    if branch.startswith(HEAL):
        return Proposed(Purpose.HEAL)
    return Proposed(Purpose.UPGRADE if branch.startswith(UPGRADE) else Purpose.OTHER)
