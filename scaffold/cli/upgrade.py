"""`scaffold upgrade`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, diff_lines, table
from scaffold.cli.progress import job_progress
from scaffold.errors import EXIT_STOPPED, UsageError

if TYPE_CHECKING:
    from scaffold.documents.outputs import UpgradedRepo, UpgradeOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.upgrade.job import Order, ServiceJobs
    from scaffold.upgrade.report import RepoReport, Report


def upgrade(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="Which services.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All services of the catalog.")] = False,
    owner: Annotated[
        str | None, typer.Option(metavar="TEAM", help="The services of a team.")
    ] = None,
    blueprint: Annotated[
        str | None, typer.Option(metavar="B", help="The services made from a blueprint.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="The target; else the newest release.")
    ] = None,
    repo: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL_OR_PATH", help="A repo that copier made, or a folder in one; no platform."
        ),
    ] = None,
    answers_file: Annotated[
        str | None,
        typer.Option(
            "--answers-file",
            "-a",
            metavar="PATH",
            help="With --repo: the answers file, if it is at another place or not the only one.",
        ),
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="An answer; can be given often.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show each change.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="How many processes at a time; else as many as cores, on a server up to 16.",
        ),
    ] = None,
    wave: Annotated[
        str | None, typer.Option(metavar="N|N%", help="At most so many services in this run.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="The I-th of N runs that share the work.")
    ] = None,
    failed: Annotated[
        Path | None,
        typer.Option(metavar="REPORT.json", help="Only what failed in an earlier run's report."),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Let templates run their tasks and extensions.")
    ] = False,
    resolve: Annotated[
        bool,
        typer.Option(
            "--resolve", help="In a checkout of a draft: open its conflicts for mergetool."
        ),
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Bring newer blueprint versions to repos, as merge requests that keep what owners changed.

    What both sides changed in the same place becomes a draft with conflict markers, and the exit
    status is 1; main is never pushed to.
    """
    from scaffold.upgrade.rollout import parse_wave, roll_out, usual_jobs

    printer = Printer(output, quiet)
    if resolve:
        _resolve(printer)
        return
    if answers_file and not repo:
        raise UsageError("--answers-file is of one repo: name it with --repo")
    opened = None if repo else _open(platform)
    service_jobs = _selected_jobs(
        opened, services or [], repo or [], everything, owner, blueprint, failed
    )
    order = _order(opened, to, answers_file, data or [], dry_run=dry_run, diff=diff, trust=trust)
    with job_progress(printer, "Upgrading", len(service_jobs)) as seen:
        report = roll_out(
            service_jobs,
            order,
            jobs=jobs or usual_jobs(order.forge, os.cpu_count() or 1),
            wave=parse_wave(wave) if wave else None,
            shard=_shard(shard),
            seen=seen,
        )
    rows = map(_repo, report.repos)
    printer.listing(_document(report), "repos", rows, _text(report, diff=diff))
    if report.stopped:
        raise typer.Exit(EXIT_STOPPED)
    if not report.ok:
        printer.fail(_errors(report))


def _errors(report: "Report") -> Iterator[str]:
    """What failed, and what is in conflict."""
    from scaffold.upgrade.report import details

    for one in report.repos:
        if one.cause:
            yield f"{one.repo}: [{one.cause}] {one.message}"
        elif one.conflicts:
            yield f"{one.repo}: {one.result.value}  {one.merge_request or one.branch}".rstrip()
            yield from details(one)


def _open(given: Path | None) -> "PlatformRepo":
    from scaffold.fleet.platform import find_platform, open_platform

    return open_platform(find_platform(Path.cwd(), given))


def _selected_jobs(
    platform: "PlatformRepo | None",
    services: list[str],
    repos: list[str],
    everything: bool,
    owner: str | None,
    blueprint: str | None,
    failed: Path | None,
) -> "ServiceJobs":
    from scaffold.upgrade.job import ServiceJobs
    from scaffold.upgrade.select import catalog_jobs, repo_job

    wanted = _failed_repos(failed) if failed else {}
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


def _failed_repos(file: Path) -> dict[str, frozenset[str]]:
    """The repos that failed in an earlier run, by what names their job."""
    from pydantic import ValidationError

    from scaffold.documents.outputs import UpgradeOutput

    how = "Write one with: scaffold upgrade --output json > REPORT.json"
    try:
        document = UpgradeOutput.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"can't be read: {error.strerror}", where=str(file), hint=how) from error
    except ValidationError as error:
        raise UsageError("is no report of an upgrade", where=str(file), hint=how) from error
    failed: dict[str, frozenset[str]] = {}
    for one in document.repos:
        if one.result == "failed":
            failed[one.target] = failed.get(one.target, frozenset()) | {one.repo}
    return failed


def _order(
    platform: "PlatformRepo | None",
    to: str | None,
    answers_file: str | None,
    data: list[str],
    *,
    dry_run: bool,
    diff: bool,
    trust: bool,
) -> "Order":
    from scaffold.cli.answers import parse_pairs
    from scaffold.git.transport import identity
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


def _shard(given: str | None) -> Any:
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


def _document(report: "Report") -> "UpgradeOutput":
    """The document without its repos."""
    from scaffold.documents.outputs import UpgradeOutput

    return UpgradeOutput(
        done=report.ok and not report.stopped,
        dry_run=report.dry_run,
        stopped=report.stopped,
        counts={result.value: number for result, number in report.count.items()},
        left=report.left,
        repos=(),
    )


def _repo(one: "RepoReport") -> "UpgradedRepo":
    from scaffold.documents.outputs import UpgradedRepo

    return UpgradedRepo.model_validate(one, from_attributes=True)


def _text(report: "Report", *, diff: bool) -> Iterator[str]:
    from scaffold.upgrade.report import details, summary

    if not report.repos and not report.left:
        yield "Nothing to upgrade."
        return
    rows = [
        (one.repo, _versions(one.old, one.new), one.result.value, one.merge_request or one.branch)
        for one in report.repos
    ]
    place = "MERGE REQUEST" if report.on_forge else "BRANCH"
    yield from table(("REPO", "VERSION", "RESULT", place), rows)
    for one in report.repos:
        lines = details(one)
        if lines or (diff and one.diff):
            yield f"\n{one.repo}"
            yield from lines
        if diff and one.diff:
            yield from diff_lines(one.diff)
    yield ""
    yield from summary(report)


def _versions(old: str, new: str) -> str:
    return old if old == new else f"{old} -> {new}"


def _resolve(printer: Printer) -> None:
    from scaffold.upgrade.resolve import is_pushed_somewhere, open_conflicts

    paths = open_conflicts(Path.cwd())
    last = "git commit and git push" if is_pushed_somewhere(Path.cwd()) else "git commit"
    printer.say(
        *(f"conflict  {path}" for path in paths),
        f"Unmerged in the index now: {len(paths)} file{'s' if len(paths) > 1 else ''}.",
        f"Next: git mergetool, then {last}.",
    )
