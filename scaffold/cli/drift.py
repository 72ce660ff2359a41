"""`scaffold drift`."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.chain.words import age
from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, diff_lines, table
from scaffold.cli.progress import job_progress
from scaffold.cli.upgrade import run_order, selected_jobs
from scaffold.cli.upgrade_options import (
    AllOption,
    AnswersFileOption,
    BlueprintOption,
    DryRunOption,
    OwnerOption,
    ProcessesOption,
    ReposOption,
    ServicesArgument,
    TrustOption,
)
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.documents.drift_output import DriftedRepo, DriftOutput
    from scaffold.status.drift_kind import DriftKind
    from scaffold.status.drift_run import DriftLine, DriftOrder, DriftReport
    from scaffold.status.strays import Strays
    from scaffold.upgrade.job import ServiceJobs

_WORDS = {
    "opened": "opened", "updated": "brought up to date", "unchanged": "open already",
    "held": "left alone: somebody has pushed to the branch",
    "muted": "left alone: somebody has closed the merge request",
}  # fmt: skip
_WOULD = frozenset({"opened", "brought up to date"})
_HEALED = frozenset({"stale", "missing"})  # by `--heal stale`
_SUBJECT = 40  # characters


def drift(
    services: ServicesArgument = None,
    everything: AllOption = False,
    owner: OwnerOption = None,
    blueprint: BlueprintOption = None,
    repo: ReposOption = None,
    answers_file: AnswersFileOption = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Exit with 1 where anything has drifted but on purpose."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what is rendered and what is there, as a diff.")
    ] = False,
    heal: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH|stale",
            help="Open a merge request that brings a file or folder back, or all that is stale or"
            " missing; can be given often.",
        ),
    ] = None,
    dry_run: DryRunOption = False,
    jobs: ProcessesOption = None,
    trust: TrustOption = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show what in repos is not as their version and answers render it, and why.

    An upgrade brings only what changed between two versions; this compares the whole. What an owner
    has changed, deleted or moved is on purpose: it is shown, and is no failure of `--check`.
    """
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.status.drift_run import DriftOrder
    from scaffold.status.strays import Strays, find_strays

    if dry_run and not heal:
        raise UsageError("--dry-run is of --heal: without that nothing is changed")
    printer = Printer(output, quiet)
    opened = None if repo else open_platform(find_platform(Path.cwd(), platform))
    chosen = selected_jobs(opened, services or [], repo or [], everything, owner, blueprint)
    order = run_order(opened, None, answers_file, [], dry_run=dry_run, diff=diff, trust=trust)
    wanted = tuple(_inside(one) for one in heal or [])
    found = compared(chosen, DriftOrder(order, wanted), printer, jobs)
    strays = find_strays(opened) if opened is not None and everything else Strays()
    whole = bool(services or repo)
    lines = [*_text(found, whole=whole), *_told(strays), *_healing(found, heal, dry_run=dry_run)]
    printer.listing(_document(found, strays), "repos", map(_repo, found), lines)
    failures = [f"{one.repo}: {one.message}" for one in found if one.cause]
    if failures or (check and not _ok(found, strays)):
        printer.fail([*failures, *_summary(found), *_told(strays)])


def compared(
    chosen: "ServiceJobs", order: "DriftOrder", printer: Printer, jobs: int | None
) -> "list[DriftReport]":
    """The drift of all jobs, in their order; a person sees how far it is."""
    from scaffold.status.drift_run import drift_of
    from scaffold.upgrade.rollout import usual_jobs

    reports: dict[str, Sequence[DriftReport]] = {}
    with job_progress(printer, "Comparing", len(chosen)) as seen:
        processes = jobs or usual_jobs(order.order.forge, os.cpu_count() or 1)
        for job, done in drift_of(chosen, order, processes):
            reports[job.target] = done
            seen(job, ())
    return [report for target in chosen.targets for report in reports[target]]


def _inside(name: str) -> str:
    """A path in a repo, without what only a shell means by it. Raises UsageError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise UsageError(
            f"--heal {name} is no path inside a repo", hint="As the table shows it, or `stale`."
        )
    return str(path)


def _ok(found: "Iterable[DriftReport]", strays: "Strays") -> bool:
    return all(one.ok for one in found) and not strays.gone


def _counts(found: "Iterable[DriftReport]") -> "dict[DriftKind, int]":
    from scaffold.status.drift_kind import DriftKind

    counts = Counter(line.kind for one in found for line in one.files)
    return {kind: counts[kind] for kind in DriftKind if counts[kind]}


def _document(found: "Sequence[DriftReport]", strays: "Strays") -> "DriftOutput":
    """The document without its repos."""
    from scaffold.documents.drift_output import DriftOutput

    return DriftOutput(
        ok=_ok(found, strays),
        counts={kind.value: number for kind, number in _counts(found).items()},
        unknown=strays.unknown,
        gone=strays.gone,
        repos=(),
    )


def _repo(one: "DriftReport") -> "DriftedRepo":
    from scaffold.documents.drift_output import DriftedRepo
    from scaffold.upgrade.diffs import diff_text

    fields = vars(one) | {"files": tuple(map(vars, one.files)), "diff": diff_text(one.diffs)}
    del fields["diffs"]
    return DriftedRepo.model_validate(fields)


def _text(found: "Sequence[DriftReport]", *, whole: bool) -> Iterator[str]:
    """What has drifted; what is on purpose only where repos were named (`whole`)."""
    from scaffold.upgrade.diffs import diff_text

    now = datetime.now(UTC)
    rows = [
        (one.repo, one.version, line.kind.value, line.path, _detail(line, now))
        for one in found
        for line in one.files
        if whole or not line.kind.on_purpose
    ]
    if rows:
        yield from table(("REPO", "VERSION", "DRIFT", "PATH", "WHY"), rows)
    for one in found:
        if one.not_compared:
            yield f"\n{one.repo}: not compared with older versions that can't be rendered"
            yield from (f"  {line}" for line in one.not_compared)
        if one.diffs:
            yield f"\n{one.repo}"
            yield from diff_lines(diff_text(one.diffs))
    if rows:
        yield ""
    yield from _summary(found)
    if any(line.kind.on_purpose for one in found for line in one.files) and not whole:
        yield "Name a service to see what its owner has changed."


def _detail(line: "DriftLine", now: datetime) -> str:
    """Why a path has drifted, and who changed it last."""
    last = ""
    if line.commit:
        passed = age(now - datetime.fromisoformat(line.when))
        last = f"{line.author}, {passed} ago: {line.subject[:_SUBJECT]}"
    return "; ".join(filter(None, [line.detail, last]))


def _summary(found: "Sequence[DriftReport]") -> Iterator[str]:
    """How many paths there are of each kind, and what failed."""
    from scaffold.status.drift_kind import MEANING

    same = sum(not one.files and not one.cause for one in found)
    yield f"{same:5} {'repo' if same == 1 else 'repos'} as rendered"
    for kind, number in _counts(found).items():
        yield f"{number:5} {kind.value}: {MEANING[kind]}"
    for one in found:
        if one.cause:
            yield f"{one.repo}: [{one.cause}] {one.message}"


def _told(strays: "Strays") -> Iterator[str]:
    """Where the forge and the catalog name different repos."""
    for repo in strays.gone:
        yield f"{repo}: in the catalog, and the forge has no such repo"
    for repo in strays.unknown:
        yield f"{repo}: on the forge, and no service has it"


def _healing(
    found: "Sequence[DriftReport]", wanted: Sequence[str] | None, *, dry_run: bool
) -> Iterator[str]:
    """What became of the files that were to be brought back, or how to bring them."""
    if not wanted:
        healed = [one for one in found if any(line.kind in _HEALED for line in one.files)]
        if healed:
            name = healed[0].service or f"--repo {healed[0].target}"
            yield ""
            yield f"To bring back what is stale or missing: scaffold drift {name} --heal stale"
        return
    yield ""
    if not any(one.healing for one in found):
        yield f"Nothing to bring back: {', '.join(wanted)}"
    for one in found:
        if one.healing:
            how = _WORDS[str(one.healed)]
            would = f"would be {how}" if dry_run and how in _WOULD else how
            yield f"{one.repo}: {would}  {one.merge_request or one.branch}".rstrip()
            yield from (f"  {path}" for path in one.healing)
