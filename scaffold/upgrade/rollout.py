"""A rollout: the choice of jobs by wave and shard, and the work on them in several processes.

The state is in git and on the forge alone, so a rollout that was stopped can be run again. The
services of a wave are chosen by a stable hash of their names, so waves and shards need no state of
their own.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from scaffold.config.forge import ForgeSettings
from scaffold.config.forges.server import ServerForge
from scaffold.errors import ScaffoldError, UsageError
from scaffold.git.scratch import scratch_folder
from scaffold.upgrade.job import Order, ServiceJob, ServiceJobs
from scaffold.upgrade.packed import PackedReports
from scaffold.upgrade.pool import alone, in_pool
from scaffold.upgrade.report import RepoReport, Report
from scaffold.upgrade.state import UpgradeState
from scaffold.upgrade.work import failed, run_job

Done = TypeVar("Done")

_MOST_AT_A_SERVER = 16  # so that a large machine does not overload the server
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_BEHIND = frozenset({UpgradeState.WOULD_CHANGE, UpgradeState.WOULD_CONFLICT})


@dataclass(frozen=True)
class Wave:
    """The most services that a run takes: a number, or a percentage of all."""

    number: int
    percent: bool = False

    def size(self, total: int) -> int:
        """The number of services, of `total`; a percentage is rounded up."""
        return -(-total * self.number // 100) if self.percent else self.number


def parse_wave(text: str) -> Wave:
    """Read `N` or `N%`. Raises UsageError."""
    number = text.removesuffix("%")
    if not _NUMBER.fullmatch(number) or (text.endswith("%") and int(number) > 100):
        raise UsageError(
            f"--wave {text} is neither a number nor a percentage", hint="As in 10 or 5%."
        )
    return Wave(int(number), percent=text.endswith("%"))


@dataclass(frozen=True)
class Shard:
    """One of several runs that share a rollout: the `index`-th, from 1, of `count`."""

    index: int
    count: int

    def has(self, name: str) -> bool:
        """Whether a service belongs to this shard."""
        return stable_hash(name) % self.count == self.index - 1

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


def parse_shard(text: str) -> Shard:
    """Read `I/N`. Raises UsageError."""
    index, _, count = text.partition("/")
    numbers = _NUMBER.fullmatch(index) and _NUMBER.fullmatch(count)
    if not numbers or int(index) > int(count):
        raise UsageError(f"--shard {text} is not I/N", hint="As in 1/4, up to 4/4.")
    return Shard(int(index), int(count))


def stable_hash(name: str) -> int:
    """A hash of a name, the same on every machine and in every run."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def usual_jobs(forge: ForgeSettings | None, cores: int) -> int:
    """The default number of processes: with a server, most of them wait for it."""
    if isinstance(forge, ServerForge):
        return max(cores, min(4 * cores, _MOST_AT_A_SERVER))
    return cores


def roll_out(
    service_jobs: ServiceJobs,
    order: Order,
    *,
    jobs: int,
    wave: Wave | None = None,
    shard: Shard | None = None,
    seen: Callable[[ServiceJob, Sequence[RepoReport]], None] = lambda _job, _reports: None,
) -> Report:
    """Upgrade the jobs, and report on each repo; `seen` is called as each job is done.

    After Ctrl-C the jobs in progress are finished, and the rest is left.
    """
    chosen = service_jobs.only(
        target for target in service_jobs.targets if shard is None or shard.has(target)
    )
    left: tuple[str, ...] = ()
    if wave is not None:
        chosen, left = _in_wave(chosen, wave, order, jobs)
    packed = PackedReports(chosen.targets)
    stopped = False
    try:
        for job, reports in run_jobs(chosen, order, jobs):
            packed.add(job.target, reports)
            seen(job, reports)
    except KeyboardInterrupt:
        stopped = True
    return Report(
        packed,
        dry_run=order.dry_run,
        stopped=stopped,
        left=left,
        on_forge=order.forge is not None,
    )


def _in_wave(
    service_jobs: ServiceJobs, wave: Wave, order: Order, jobs: int
) -> tuple[ServiceJobs, tuple[str, ...]]:
    """The first jobs, by their hash, that are not at the target and were in no earlier wave.

    Jobs that can't be looked at are in each wave, so that they are reported, and do not count.
    """
    looked = dict(
        _by_target(run_jobs(service_jobs, replace(order, dry_run=True, diff=False), jobs))
    )
    ordered = sorted(service_jobs.targets, key=lambda target: (stable_hash(target), target))
    behind = [target for target in ordered if looked[target] & _BEHIND]
    broken = [target for target in ordered if looked[target] == {UpgradeState.FAILED}]
    size = wave.size(len(service_jobs))
    return service_jobs.only([*behind[:size], *broken]), tuple(behind[size:])


def _by_target(
    results: Iterable[tuple[ServiceJob, Sequence[RepoReport]]],
) -> Iterator[tuple[str, set[UpgradeState]]]:
    for job, reports in results:
        yield job.target, {report.result for report in reports}


def run_jobs(
    service_jobs: ServiceJobs, order: Order, jobs: int
) -> Iterator[tuple[ServiceJob, Sequence[RepoReport]]]:
    """Upgrade the jobs, and yield each as it is done, in any order."""
    for job, done in each_job(service_jobs, partial(run_job, order=order), jobs):
        yield job, failed(job, done) if isinstance(done, ScaffoldError) else done


def each_job(
    service_jobs: ServiceJobs, work: Callable[..., Done], jobs: int
) -> Iterator[tuple[ServiceJob, Done | ScaffoldError]]:
    """Work on the jobs, and yield each as it is done, in any order; `work` has to be picklable.

    A single job is done in this process. All processes share one folder, where each template is
    laid out once; `work` gets it as `shared`.
    """
    with scratch_folder() as shared:
        here = partial(work, shared=shared)
        one_by_one = ((job, alone(here, job)) for job in service_jobs)
        yield from one_by_one if len(service_jobs) == 1 else in_pool(here, service_jobs, jobs)
