"""Whether the bot does its work: by how its last pass ended, and how long ago a good one did."""

from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True)
class State:
    """`status` in a word; `age` is that of the last good pass in seconds, None before the first."""

    status: str
    age: float | None
    longest: float

    @property
    def is_well(self) -> bool:
        """Whether webhooks are to be sent here."""
        return self.status in {"starting", "ok"}


class Health:
    """Ages of passes; a good one came to its end, though a service may have failed in it.

    `longest` is how old the last good pass, or the start, may be in seconds.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._since = monotonic()
        self._begun = False
        self._failing = False

    def pass_ended(self, *, good: bool) -> None:
        """Take note of the end of a pass."""
        self._failing = not good
        if good:
            self._since = monotonic()
            self._begun = True

    def state(self) -> State:
        """How it is now."""
        age = monotonic() - self._since
        if age > self._longest:
            status = "stale"
        elif self._failing:
            status = "failing"
        else:
            status = "ok" if self._begun else "starting"
        return State(status, round(age, 1) if self._begun else None, self._longest)
