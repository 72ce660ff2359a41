"""What was found of one thing, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

from scaffold.errors import ScaffoldError


class Outcome(StrEnum):
    """How it is: missing is what commands do without, failed what some can't do without."""

    OK = "ok"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its version or place, or what is wrong and how to mend it."""

    name: str
    outcome: Outcome
    found: str
    fix: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """It in one line, with how to mend it below."""
        first = f"{self.outcome:8} {self.name:17} {self.found}".rstrip()
        return (first, *(f"  {line}" for line in self.fix))


def well(name: str, found: str) -> Finding:
    """What is as it should be."""
    return Finding(name, Outcome.OK, found)


def missing(name: str, found: str, *fix: str) -> Finding:
    """What commands do without, and say so."""
    return Finding(name, Outcome.MISSING, found, fix)


def failed(name: str, error: ScaffoldError, *fix: str) -> Finding:
    """What an error says, which a command would meet, too."""
    what, *more = error.lines
    return Finding(name, Outcome.FAILED, what, (*more, *fix))


def summary(findings: tuple[Finding, ...]) -> str:
    """How many are not well, in one line."""
    words = [
        f"{count} of {len(findings)} {word}"
        for outcome, word in ((Outcome.FAILED, "failed"), (Outcome.MISSING, "are missing"))
        if (count := sum(one.outcome is outcome for one in findings))
    ]
    return f"{', '.join(words)}." if words else "All is well."
