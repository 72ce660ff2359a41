"""What a scan found in an image, and whether the policy lets it pass. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from scaffold.config.accepted import Accepted
from scaffold.config.repofile import Severity
from scaffold.errors import ProcessFailedError

_LEVELS = [one.value for one in Severity]


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a package; it may have several `names`, the scanner's own first."""

    names: tuple[str, ...]
    severity: str
    package: str
    version: str
    fixed_in: tuple[str, ...]

    @property
    def line(self) -> str:
        """The finding in one line."""
        fix = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "no fix yet"
        names = " ".join(self.names)
        return f"{self.severity:<10}  {self.package} {self.version}  {names}, {fix}"

    def fails_at(self, least: Severity) -> bool:
        """Whether it is at least as severe; one whose severity nobody has said yet is not."""
        return self.severity in _LEVELS and _LEVELS.index(self.severity) >= _LEVELS.index(least)

    def is_meant_by(self, entry: Accepted) -> bool:
        """Whether an entry of the accepted findings is about it."""
        return entry.id in self.names and entry.package in ("", self.package)


@dataclass(frozen=True)
class Verdict:
    """What counts of the findings: lines of those that fail, and notes on what is accepted."""

    failing: tuple[str, ...]
    notes: tuple[str, ...]


def read_findings(report: bytes) -> list[Finding]:
    """The findings in grype's JSON. Raises ProcessFailedError for what is none."""
    try:
        return [_finding(match) for match in json.loads(report)["matches"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ProcessFailedError(
            "`grype` wrote no report that can be read",
            details=[repr(error)],
            hint="The CI image has a version that can.",
        ) from error


def _finding(match: Any) -> Finding:
    found, package = match["vulnerability"], match["artifact"]
    others = [one["id"] for one in match.get("relatedVulnerabilities") or ()]
    return Finding(
        tuple(dict.fromkeys([found["id"], *others])),
        str(found.get("severity") or "unknown").lower(),
        package["name"],
        package["version"],
        tuple((found.get("fix") or {}).get("versions") or ()),
    )


def judge(
    findings: Iterable[Finding], accepted: Iterable[Accepted], least: Severity, today: date
) -> Verdict:
    """Which findings fail: those that are severe enough, and that no entry accepts today."""
    entries = list(accepted)
    severe = sorted(
        {one for one in findings if one.fails_at(least)},
        key=lambda one: (-_LEVELS.index(one.severity), one.package, one.names),
    )
    failing, notes = [], []
    for one in severe:
        mine = [entry for entry in entries if one.is_meant_by(entry)]
        if not mine:
            failing.append(one.line)
        elif (last := max(entry.until for entry in mine)) < today:
            failing.append(f"{one.line}; it was accepted until {last}")
        else:
            notes.append(f"accepted until {last}: {one.line}")
    notes += [
        f"{entry.id} is accepted, and not found any more: take it out"
        for entry in entries
        if not any(one.is_meant_by(entry) for one in severe)
    ]
    return Verdict(tuple(failing), tuple(notes))
