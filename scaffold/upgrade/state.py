"""The outcome of an upgrade for one template of one repo, the same words at every stage."""

from enum import StrEnum


class UpgradeState(StrEnum):
    """The outcome for a repo; `would-change` and `would-conflict` are outcomes of a plan."""

    CURRENT = "current"
    CURRENT_IN_CONTENT = "current-in-content"  # nothing but the recorded version would change
    AHEAD = "ahead"  # the repo is at a version that is newer than the target
    WOULD_CHANGE = "would-change"
    WOULD_CONFLICT = "would-conflict"
    OPENED = "opened"
    UPDATED = "updated"
    REOPENED = "reopened"  # what somebody had closed is open again
    UNCHANGED = "unchanged"  # the branch has it already
    CONFLICTS = "conflicts"  # a draft is open, or up to date, with markers in it
    HELD = "held"  # somebody else has pushed to the branch
    MUTED = "muted"  # somebody has closed the merge request for this target
    CLOSED = "closed"  # main has it already: the merge request that was open is closed
    FAILED = "failed"

    @property
    def pushes(self) -> bool:
        """Whether something is pushed."""
        return self in {UpgradeState.OPENED, UpgradeState.UPDATED}

    @property
    def left_alone(self) -> bool:
        """Whether a person has taken over, so that nothing is done."""
        return self in {UpgradeState.HELD, UpgradeState.MUTED}
