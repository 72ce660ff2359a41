"""`scaffold upgrade`."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scaffold.cli.options import DataOption, Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.cli.progress import job_progress
from scaffold.cli.upgrade_options import (
    AllOption,
    AnswersFileOption,
    BlueprintOption,
    DiffOption,
    DryRunOption,
    FailedOption,
    MergeReportsOption,
    OwnerOption,
    ProcessesOption,
    RecordVersionOption,
    ReopenOption,
    ReposOption,
    ResolveOption,
    ServicesArgument,
    ShardOption,
    ToOption,
    TrustOption,
    WaveOption,
)
from scaffold.cli.upgrade_reports import errors, failed_repos, print_merged, text
from scaffold.errors import EXIT_STOPPED, UsageError

if TYPE_CHECKING:
    from scaffold.documents.outputs import UpgradedRepo, UpgradeOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.upgrade.job import Order, ServiceJobs
    from scaffold.upgrade.report import RepoReport, Report
    from scaffold.upgrade.rollout import Shard


def upgrade(
    services: ServicesArgument = None,
    everything: AllOption = False,
    owner: OwnerOption = None,
    blueprint: BlueprintOption = None,
    to: ToOption = None,
    repo: ReposOption = None,
    answers_file: AnswersFileOption = None,
    data: DataOption = None,
    dry_run: DryRunOption = False,
    diff: DiffOption = False,
    jobs: ProcessesOption = None,
    wave: WaveOption = None,
    shard: ShardOption = None,
    failed: FailedOption = None,
    merge_reports: MergeReportsOption = None,
    record_version: RecordVersionOption = False,
    reopen: ReopenOption = False,
    trust: TrustOption = False,
    resolve: ResolveOption = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Bring newer blueprint versions to repos, as merge requests that keep what owners changed.

    What both sides changed in the same place becomes a draft with conflict markers, and the exit
    status is 1; main is never pushed to. A repo in which nothing but the recorded version would
    change gets no merge request: the next one that changes more records it.
    """
    from scaffold.upgrade.rollout import parse_wave, roll_out, usual_jobs

    printer = Printer(output, quiet)
    if resolve:
        _resolve(printer)
        return
    if merge_reports:
        print_merged(merge_reports, printer)
        return
    if answers_file and not repo:
        raise UsageError("--answers-file is of one repo: name it with --repo")
    if reopen and repo:
        raise UsageError("--reopen is about merge requests, and --repo opens none")
    opened = None if repo else _open(platform)
    service_jobs = selected_jobs(
        opened, services or [], repo or [], everything, owner, blueprint, failed
    )
    taken = _shard(shard)
    order = replace(
        run_order(opened, to, answers_file, data or [], dry_run=dry_run, diff=diff, trust=trust),
        reopen=reopen,
        record_version=record_version or (opened is not None and opened.model.record_versions),
    )
    with job_progress(printer, "Upgrading", len(service_jobs)) as seen:
        report = roll_out(
            service_jobs,
            order,
            jobs=jobs or usual_jobs(order.forge, os.cpu_count() or 1),
            wave=parse_wave(wave) if wave else None,
            shard=taken,
            seen=seen,
        )
    rows = map(_repo, report.repos)
    printer.listing(_document(report, taken), "repos", rows, text(report, diff=diff))
    if report.stopped:
        raise typer.Exit(EXIT_STOPPED)
    if not report.ok:
        printer.fail(errors(report))


def _open(given: Path | None) -> "PlatformRepo":
    from scaffold.fleet.platform import find_platform, open_platform

    return open_platform(find_platform(Path.cwd(), given))


def selected_jobs(
    platform: "PlatformRepo | None",
    services: list[str],
    repos: list[str],
    everything: bool,
    owner: str | None,
    blueprint: str | None,
    failed: Path | None = None,
) -> "ServiceJobs":
    """What is to be worked on: services of the catalog, or repos without one. Raises UsageError."""
    from scaffold.upgrade.job import ServiceJobs
    from scaffold.upgrade.select import catalog_jobs, repo_job

    wanted = failed_repos(failed) if failed else {}
    if platform is None:
        if services or everything or owner or blueprint:
            raise UsageError("--repo takes repos without a catalog: name no services beside it")
        return ServiceJobs.of(repo_job(one) for one in repos if not failed or one in wanted)
    if failed and not wanted:
        return ServiceJobs.of(())
    service_jobs = catalog_jobs(
        platform,
        services or list(wanted),
        everything=everything and not failed,
        owner=owner,
        blueprint=blueprint,
    )
    return service_jobs.with_only(wanted) if failed else service_jobs


def run_order(
    platform: "PlatformRepo | None",
    to: str | None,
    answers_file: str | None,
    data: list[str],
    *,
    dry_run: bool,
    diff: bool,
    trust: bool,
) -> "Order":
    """The settings of a run, with what the platform says of templates. Raises IdentityError."""
    from scaffold.cli.answers import parse_pairs
    from scaffold.git.program import identity
    from scaffold.upgrade.job import Order

    model = platform.model if platform else None
    return Order(
        author=identity(),
        version=to,
        answers_file=answers_file,
        data=parse_pairs(data),
        dry_run=dry_run,
        diff=diff,
        trust_all=trust,
        trusted=frozenset(model.trusted) if model else frozenset(),
        allowed=frozenset(one.url for one in model.blueprints) if model else None,
        forge=model.forge if model else None,
    )


def _shard(given: str | None) -> "Shard | None":
    """By the option, else by the variables of a Kubernetes Indexed Job or a parallel CI job."""
    from scaffold.upgrade.rollout import parse_shard

    if given:
        return parse_shard(given)
    environment = os.environ
    if (index := environment.get("JOB_COMPLETION_INDEX")) and (
        count := environment.get("JOB_COMPLETIONS")
    ):
        first = int(index) + 1 if index.isascii() and index.isdecimal() else index
        return parse_shard(f"{first}/{count}")
    if (index := environment.get("CI_NODE_INDEX")) and (count := environment.get("CI_NODE_TOTAL")):
        return parse_shard(f"{index}/{count}")
    return None


def _document(report: "Report", shard: "Shard | None") -> "UpgradeOutput":
    """The document without its repos."""
    from scaffold.documents.outputs import UpgradeOutput

    return UpgradeOutput(
        done=report.ok and not report.stopped,
        dry_run=report.dry_run,
        stopped=report.stopped,
        shard=str(shard or ""),
        counts={result.value: number for result, number in report.count.items()},
        left=report.left,
        repos=(),
    )


def _repo(one: "RepoReport") -> "UpgradedRepo":
    from scaffold.documents.outputs import UpgradedRepo

    return UpgradedRepo.model_validate(one, from_attributes=True)


def _resolve(printer: Printer) -> None:
    from scaffold.upgrade.resolve import is_pushed_somewhere, open_conflicts

    paths = open_conflicts(Path.cwd())
    last = "git commit and git push" if is_pushed_somewhere(Path.cwd()) else "git commit"
    if not paths:
        printer.say("No conflict is left.", f"Next: {last}.")
        return
    printer.say(
        *(f"conflict  {path}" for path in paths),
        f"Unmerged in the index now: {len(paths)} file{'s' if len(paths) > 1 else ''}.",
        f"Next: git mergetool, then {last}.",
    )
