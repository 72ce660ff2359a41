"""Why a path of a repo is not as it is rendered, and what that means for a person."""

from collections.abc import Mapping
from enum import StrEnum


class DriftKind(StrEnum):
    """Why a path is not as it is rendered."""

    STALE = "stale"  # as an older version rendered it: the change of a newer one never arrived
    MISSING = "missing"  # rendered, and never was in the repo
    PIN = "pin"  # the bot's own file, edited by hand
    ANSWER = "answer"  # recorded, and not what the platform says now
    UNEVEN = "uneven"  # one environment has it, another has not, and it is no patch
    EDITED = "edited"  # changed by the owner
    DELETED = "deleted"  # by the owner
    MOVED = "moved"  # by the owner
    OWNED = "owned"  # `.scaffold.yml` says that it is the owner's for good

    @property
    def on_purpose(self) -> bool:
        """Whether the owner has done that, so that nothing has to be done about it."""
        return self in _ON_PURPOSE

    @property
    def healed(self) -> bool:
        """Whether it can be brought back to what is rendered."""
        return self not in {DriftKind.PIN, DriftKind.ANSWER, DriftKind.UNEVEN}


MEANING: Mapping[DriftKind, str] = {
    DriftKind.STALE: "as an older version rendered it: a change never arrived",
    DriftKind.MISSING: "rendered, and never was in the repo",
    DriftKind.PIN: "the bot's own file, edited by hand",
    DriftKind.ANSWER: "recorded, and not what the platform says now",
    DriftKind.UNEVEN: "one environment has it, another has not, and it is no patch",
    DriftKind.EDITED: "by the owner",
    DriftKind.DELETED: "by the owner",
    DriftKind.MOVED: "by the owner",
    DriftKind.OWNED: "the owner's for good, says .scaffold.yml",
}
"""What each kind means, for a person."""

_ON_PURPOSE = frozenset({DriftKind.EDITED, DriftKind.DELETED, DriftKind.MOVED, DriftKind.OWNED})
