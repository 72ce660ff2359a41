"""What the pages show of drift. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from scaffold.status.drift_kind import DriftKind
from scaffold.status.drift_run import DriftLine, DriftReport


@dataclass(frozen=True)
class Row:
    """A path that is not as it is rendered, in a repo of a service."""

    service: str
    repo: str
    line: DriftLine

    @property
    def when(self) -> datetime | None:
        """When it was changed last, where the history tells."""
        return datetime.fromisoformat(self.line.when) if self.line.when else None


@dataclass(frozen=True)
class Drifted:
    """The drift of all services, as one run found it."""

    reports: Sequence[DriftReport]

    @cached_property
    def _of(self) -> Mapping[str, tuple[DriftReport, ...]]:
        found: dict[str, list[DriftReport]] = {}
        for report in self.reports:
            found.setdefault(report.service, []).append(report)
        return {name: tuple(own) for name, own in found.items()}

    @property
    def counts(self) -> Mapping[DriftKind, int]:
        """How many paths there are of each kind that there is, in the order of the kinds."""
        counted = Counter(line.kind for one in self.reports for line in one.files)
        return {kind: counted[kind] for kind in DriftKind if counted[kind]}

    @property
    def as_rendered(self) -> int:
        """How many repos have no drift at all."""
        return sum(not one.files and not one.cause for one in self.reports)

    @property
    def not_compared(self) -> tuple[DriftReport, ...]:
        """The repos that could not be compared."""
        return tuple(one for one in self.reports if one.cause)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What somebody has to look at: nothing that an owner has done on purpose."""
        return tuple(row for row in _rows(self.reports) if not row.line.kind.on_purpose)

    def of(self, service: str) -> tuple[Row, ...]:
        """All that has drifted in the repos of a service."""
        return tuple(_rows(self._of.get(service, ())))

    def is_compared(self, service: str) -> bool:
        """Whether all repos of a service were compared."""
        own = self._of.get(service, ())
        return bool(own) and not any(one.cause for one in own)


def _rows(reports: Sequence[DriftReport]) -> Iterator[Row]:
    for report in reports:
        for line in report.files:
            yield Row(report.service, report.repo, line)
