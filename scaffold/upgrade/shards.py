"""The reports of the shards of one run, merged into the report of that run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scaffold.documents.outputs import UpgradedRepo, UpgradeOutput
from scaffold.errors import UsageError
from scaffold.merge.decisions import ConflictKind
from scaffold.upgrade.report import Line, RepoReport, Report
from scaffold.upgrade.rollout import Shard, parse_shard
from scaffold.upgrade.state import UpgradeState


@dataclass(frozen=True)
class MergedReport:
    """The report of the whole run, and which of its `count` shards are in it."""

    document: UpgradeOutput
    present: frozenset[int]
    count: int

    @property
    def missing(self) -> Iterator[Shard]:
        """The shards without a report."""
        every = (Shard(index, self.count) for index in range(1, self.count + 1))
        return (shard for shard in every if shard.index not in self.present)


def merge_reports(reports: Mapping[str, UpgradeOutput]) -> MergedReport:
    """Merge the reports of a run's shards, given by the names of their files.

    Raises UsageError where they are not all of one run, or one shard has two.
    """
    by_shard = _by_shard(reports)
    (count,) = {shard.count for shard in by_shard}
    present = {shard.index: report for shard, report in by_shard.items()}
    in_order = [present[index] for index in sorted(present)]
    counts: Counter[str] = Counter()
    for report in in_order:
        counts.update(report.counts)
    document = UpgradeOutput(
        done=len(present) == count and all(output.done for output in in_order),
        dry_run=in_order[0].dry_run,
        stopped=any(output.stopped for output in in_order),
        shard="",
        counts={state.value: counts[state] for state in UpgradeState if counts[state]},
        left=tuple(service for output in in_order for service in output.left),
        repos=tuple(repo for output in in_order for repo in output.repos),
    )
    return MergedReport(document, frozenset(present), count)


def _by_shard(reports: Mapping[str, UpgradeOutput]) -> dict[Shard, UpgradeOutput]:
    outputs: dict[Shard, tuple[str, UpgradeOutput]] = {}
    for name, report in reports.items():
        if not report.shard:
            raise UsageError("is the report of a whole run, not of a shard", where=name)
        shard = parse_shard(report.shard)
        if shard in outputs:
            raise UsageError(f"is of shard {shard}, as {outputs[shard][0]} is", where=name)
        for other, (place, earlier) in outputs.items():
            if (other.count, earlier.dry_run) != (shard.count, report.dry_run):
                raise UsageError(
                    f"is of another run than {place}",
                    where=name,
                    hint="Let the shards of each run write into a folder of their own.",
                )
        outputs[shard] = (name, report)
    return {shard: report for shard, (_, report) in outputs.items()}


def as_report(document: UpgradeOutput) -> Report:
    """The report in a document, without the changes of files.

    Raises UsageError for an unknown state or kind in it.
    """
    try:
        repos = [_repo(repo) for repo in document.repos]
    except ValueError as error:
        raise UsageError(f"no report of this version of scaffold: {error}") from error
    return Report(
        repos,
        dry_run=document.dry_run,
        stopped=document.stopped,
        left=document.left,
        on_forge=any(repo.service for repo in document.repos),
    )


def _repo(repo: UpgradedRepo) -> RepoReport:
    return RepoReport(
        target=repo.target,
        repo=repo.repo,
        result=UpgradeState(repo.result),
        service=repo.service,
        template=repo.template,
        old=repo.old,
        new=repo.new,
        cause=repo.cause,
        message=repo.message,
        branch=repo.branch,
        merge_request=repo.merge_request,
        merge_request_number=repo.merge_request_number,
        notes=repo.notes,
        decisions=tuple(Line(line.path, line.kind, line.detail) for line in repo.decisions),
        conflicts=tuple(
            Line(line.path, ConflictKind(line.kind), line.detail) for line in repo.conflicts
        ),
        not_checked=repo.not_checked,
    )
