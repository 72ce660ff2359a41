"""The reports of a run, packed as they come in: of a fleet's, a job's at a time are unpacked."""

import pickle
import zlib
from collections.abc import Collection, Iterator, Sequence

from scaffold.upgrade.report import RepoReport


class PackedReports(Collection[RepoReport]):
    """Reports, read back as often as need be in the order of the `targets` that they are of."""

    def __init__(self, targets: Sequence[str]) -> None:
        self._targets = targets
        self._packed: dict[str, bytes] = {}
        self._length = 0

    def add(self, target: str, reports: Sequence[RepoReport]) -> None:
        """Keep what became of a job."""
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
