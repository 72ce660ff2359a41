"""`scaffold blueprint release`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.authoring.prerelease import Pre
from scaffold.cli.options import JOBS, Format, JobsOption, OutputOption, QuietOption, find_folder
from scaffold.cli.output import Printer
from scaffold.cli.stopping import stopped_means
from scaffold.cli.trial_progress import trial_progress
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.authoring.bump import Bump
    from scaffold.authoring.release import ReleasePlan


def release(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A checkout of the blueprint.")
    ] = Path(),
    major: Annotated[bool, typer.Option("--major", help="A major version next.")] = False,
    minor: Annotated[bool, typer.Option("--minor", help="A minor version next.")] = False,
    patch: Annotated[bool, typer.Option("--patch", help="A patch next.")] = False,
    pre: Annotated[
        Pre | None,
        typer.Option("--pre", help="A prerelease of it: only who names it or takes them gets it."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Findings of lint that are known, and refuse nothing."),
    ] = None,
    push: Annotated[
        bool, typer.Option("--push", help="Push the commit and the tag to origin.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    jobs: JobsOption = JOBS,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Release a blueprint: lint and test it, date the CHANGELOG, commit and tag.

    The version follows from the entries under Unreleased in CHANGELOG.md. One that is too small
    for what changed since the last version is refused. Nothing is pushed without --push.
    A prerelease (--pre rc) is a tag alone: its entries stay under Unreleased.
    """
    from datetime import UTC, datetime

    from scaffold.authoring import release as releases
    from scaffold.documents.authoring_outputs import ReleaseOutput
    from scaffold.lint.baseline import read_baseline

    printer = Printer(output, quiet)
    wanted = _wanted(major=major, minor=minor, patch=patch)
    plan = releases.plan_release(find_folder(directory), wanted, datetime.now(UTC).date(), pre)
    known = read_baseline(baseline) if baseline else None
    not_checked: tuple[str, ...] = ()
    if not plan.there:
        with stopped_means("nothing was released"), trial_progress(printer) as progress:
            proof = releases.prove(plan.folder, jobs=jobs, progress=progress, baseline=known)
            not_checked = proof.not_checked
    commit = "" if dry_run else releases.apply_release(plan)
    if push and not dry_run:
        releases.push_release(plan)
    pushed = (push and not dry_run) or (plan.there and releases.is_pushed(plan))
    document = ReleaseOutput(
        name=plan.name,
        tag=plan.tag,
        last=plan.last,
        bump=plan.bump.word if plan.bump else None,
        reasons=tuple(one.what for one in plan.reasons),
        dry_run=dry_run,
        commit=commit,
        new=not plan.there,
        pushed=pushed,
        not_checked=not_checked,
    )
    printer.result(
        document,
        [
            *(f"not checked: {line}" for line in not_checked),
            f"{plan.name} {plan.tag} {_outcome(there=plan.there, dry_run=dry_run)}.",
            *(["Nothing was changed: a dry run."] if dry_run else _next(plan, pushed=pushed)),
        ],
    )


def _outcome(*, there: bool, dry_run: bool) -> str:
    if there:
        return "was released before"
    return "would be released" if dry_run else "is released"


def _next(plan: "ReleasePlan", *, pushed: bool) -> Iterator[str]:
    from scaffold.authoring.next_version import is_of
    from scaffold.authoring.release import push_line

    if not pushed:
        yield f"Push it:      {push_line(plan)}"
    if not is_of(plan.tag, None):
        yield f"Try it:       scaffold upgrade SERVICE --to {plan.tag} --dry-run"
    else:
        yield f"Roll it out:  scaffold upgrade --blueprint {plan.name} --to {plan.tag} --dry-run"


def _wanted(*, major: bool, minor: bool, patch: bool) -> "Bump | None":
    from scaffold.authoring.bump import Bump

    given = [bump for bump, there in
             ((Bump.MAJOR, major), (Bump.MINOR, minor), (Bump.PATCH, patch)) if there]  # fmt: skip
    if len(given) > 1:
        raise UsageError("a version is either a major, a minor or a patch one")
    return given[0] if given else None
