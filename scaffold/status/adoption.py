"""When a service came to each version of its blueprint, and how many were where, month by month."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from scaffold.chain.history import entry_id
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.status.versions import by_age, recorded_in

_FARTHEST = 5000  # commits of main of one repo
_MONTHS = 12


@dataclass(frozen=True)
class Adopted:
    """A version that a service had as a whole, and since when."""

    version: str
    when: datetime


def adoption(chain: ServiceChain) -> tuple[Adopted, ...]:
    """The versions of a service, oldest first: it has one once all its repos have it.

    Raises ForgeError, UnsafeTreeError.
    """
    parts = list(chain.service.repos)
    moves = sorted(move for part in parts for move in _recorded(chain.repo(part), part))
    at: dict[str, str] = {}
    found: list[Adopted] = []
    for when, part, version in moves:
        at[part] = version
        oldest = min(at.values(), key=by_age)
        if len(at) == len(parts) and (not found or found[-1].version != oldest):
            found.append(Adopted(oldest, datetime.fromtimestamp(when, UTC)))
    return tuple(found)


def _recorded(repo: ChainRepo, part: str) -> Iterator[tuple[int, str, str]]:
    """When main of a repo came to record each version, in any order."""
    commits = list(islice(repo.first_parents(), _FARTHEST))
    for commit, before in zip(commits, [*commits[1:], None], strict=True):
        now = entry_id(commit, DEFAULT_NAME)
        then = None if before is None else entry_id(before, DEFAULT_NAME)
        if now is not None and now != then and (version := recorded_in(commit.tree)):
            yield commit.commit_time, part, version


def by_month(
    services: Sequence[Sequence[Adopted]], now: datetime
) -> Mapping[str, Mapping[str, int]]:
    """How many services had which version at the end of each month, the last one being now's. Pure.

    Months as 2026-11, a year of them at most, from the first in which a service had a version.
    """
    this = now.year * 12 + now.month - 1
    found: dict[str, Mapping[str, int]] = {}
    for month in range(this - _MONTHS + 1, this + 1):
        year, index = divmod(month + 1, 12)
        end = datetime(year, index + 1, 1, tzinfo=UTC)
        had = [[one.version for one in adopted if one.when < end] for adopted in services]
        counts = Counter(versions[-1] for versions in had if versions)
        if counts or found:
            found[f"{month // 12}-{month % 12 + 1:02}"] = counts
    return found
