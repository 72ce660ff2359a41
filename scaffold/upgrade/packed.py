"""The reports of a run, compressed: only those of one job at a time are in memory as objects."""

import pickle
import zlib
from collections.abc import Collection, Iterator, Sequence

from scaffold.upgrade.report import RepoReport


class PackedReports(Collection[RepoReport]):
    """Reports, which can be read many times, in the order of the `targets`."""

    def __init__(self, targets: Sequence[str]) -> None:
        self._targets = targets
        self._packed: dict[str, bytes] = {}
        self._length = 0

    def add(self, target: str, reports: Sequence[RepoReport]) -> None:
        """Add the reports of a job."""
        self._packed[target] = zlib.compress(pickle.dumps(tuple(reports)))
        self._length += len(reports)

    def __iter__(self) -> Iterator[RepoReport]:
        for target in self._targets:
            if target in self._packed:
                yield from pickle.loads(zlib.decompress(self._packed[target]))  # noqa: S301 - ours

    def __len__(self) -> int:
        return self._length

    def __contains__(self, report: object) -> bool:
        return any(report == item for item in self)
