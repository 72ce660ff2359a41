"""What the pages show of upgrades that somebody could run now. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scaffold.upgrade.report import MEANING, RepoReport
from scaffold.upgrade.state import UpgradeState


@dataclass(frozen=True)
class Upgrades:
    """What an upgrade would do in the repos of services that are behind, as one dry run told."""

    reports: Sequence[RepoReport]

    @cached_property
    def _of(self) -> Mapping[str, tuple[RepoReport, ...]]:
        found: dict[str, list[RepoReport]] = {}
        for report in self.reports:
            if report.result is not UpgradeState.CURRENT:
                found.setdefault(report.service, []).append(report)
        return {name: tuple(own) for name, own in found.items()}

    def of(self, services: Sequence[str]) -> tuple[RepoReport, ...]:
        """What would become of the repos of these services; none that are up to date.

        Those with conflicts and failures come first: they need a person.
        """
        found = [one for name in services for one in self._of.get(name, ())]
        return tuple(sorted(found, key=lambda one: not (one.conflicts or one.cause)))

    def counts(self, services: Sequence[str]) -> Mapping[str, int]:
        """How many repos there are of each result, in the order of the results."""
        counted = Counter(one.result for one in self.of(services))
        return {MEANING[one]: counted[one] for one in UpgradeState if counted[one]}
