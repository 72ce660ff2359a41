"""`scaffold platform sync`."""

import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.documents.outputs import RepoRightsPart
    from scaffold.fleet.generated import Difference
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.forge.api import MergeRequest
    from scaffold.service.ci_values import Given


def sync(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Remove files without being asked.")
    ] = False,
    checkout: Annotated[
        bool, typer.Option("--checkout", help="Write into the checkout, for a commit of yours.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Bring what is generated, and the rights on the forge, in step with platform.yml.

    What is generated in the platform repo is each service's access, and what engines and Backstage
    are told. It is one commit on main; where main takes no push, a merge request. Where files would
    go, it says which and asks on a terminal; elsewhere --force is needed. On a server the roles of
    teams, the protection of main and the webhook of each service's repos are brought in step, too.
    A group loses what it was given because of platform.yml, once nothing there gives it any more.
    The secrets and variables in `ci.values` are set for the pipelines that read them, where
    SCAFFOLD_CI_... has their values; what can't be set is listed.
    """
    from scaffold.cli.ci_values import values_part
    from scaffold.cli.generated import diff_of, files_part
    from scaffold.documents.outputs import PlatformSyncOutput
    from scaffold.fleet.checkout import behind
    from scaffold.fleet.generated import differences, left_out
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.fleet.sync import read_checkout, summary, sync_platform, write_checkout

    folder = find_platform(Path.cwd(), platform)
    opened = None if checkout else open_platform(folder)
    tree = opened.tree if opened else read_checkout(folder)
    found = differences(tree)
    left = {name: "\n".join(error.lines) for name, error in left_out(tree).items()}
    printer = Printer(output, quiet)
    printer.say(*summary(found), *(f"failed   {error}" for error in left.values()))
    if dry_run:
        printer.say(*chain.from_iterable(map(diff_of, found)))
    else:
        _decide(found, printer, force=force)
    request = None
    if found and not dry_run:
        if opened:
            request = sync_platform(opened, found)
        else:
            write_checkout(folder, found)
    lines = [_outcome(len(found), request, dry_run=dry_run, checkout=checkout), behind(folder)]
    url = request.url if request else ""
    rights = () if opened is None else _rights(replace(opened, dry_run=dry_run), printer)
    values = () if opened is None else _values(replace(opened, dry_run=dry_run), printer)
    document = PlatformSyncOutput(
        files=files_part(found),
        merge_request=url,
        left_out=left,
        rights=rights,
        values=values_part(values),
    )
    printer.result(document, filter(None, lines))
    failures = [*left.values(), *(f"{one.repo}: {one.error}" for one in rights if one.error)]
    failures += [one.said for one in values if one.failed]
    if failures:
        printer.fail(failures)


def _rights(opened: "PlatformRepo", printer: Printer) -> "tuple[RepoRightsPart, ...]":
    """Bring the rights to all repos in step, and say what differed; a dry run only looks."""
    from scaffold.documents.outputs import RepoRightsPart
    from scaffold.service.rights import sync_rights, unknown_parts

    parts = []
    for one in sync_rights(opened):
        error = "\n".join(one.error.lines) if one.error else ""
        parts.append(RepoRightsPart(repo=one.repo, rights=one.said, error=error))
    printer.say(*(said for one in parts for said in one.rights))
    services = opened.catalog.services.values()
    for part in unknown_parts(opened.model, services) if parts else ():
        printer.say(
            f"note  platform.yml requires statuses of `{part}`, a repo that no service has."
        )
    failed = "not checked" if opened.dry_run else "failed"
    printer.say(*(f"{failed}  {one.repo}  {one.error}" for one in parts if one.error))
    if parts:
        well = [one for one in parts if not one.error]
        differ = sum(bool(one.rights) for one in well)
        done = "are out of step" if opened.dry_run else "were out of step and were set"
        printer.say(f"The rights to {differ:,} of {len(well):,} repos {done}.")
    return tuple(parts)


def _values(opened: "PlatformRepo", printer: Printer) -> "tuple[Given, ...]":
    """Give pipelines what platform.yml names, and say what became of it."""
    from scaffold.service.ci_values import set_values

    found = tuple(set_values(opened))
    printer.say(*(one.said for one in found))
    return found


def _decide(found: "tuple[Difference, ...]", printer: Printer, *, force: bool) -> None:
    """Have a person decide that files go. Raises UsageError where nobody is there to."""
    from scaffold.fleet.sync import removed

    gone = removed(found)
    if force or not gone:
        return
    if not (printer.chatty and sys.stdin.isatty()):
        raise UsageError(
            "that would remove files, and nobody can be asked",
            details=gone,
            hint="Give --force to remove them all the same, or --dry-run to see all of it.",
        )
    from scaffold.cli.prompts import decide

    printer.say("What such a file put on a cluster is left there by `scaffold pipeline access`.")
    files = f"{len(gone)} file{'s' if len(gone) > 1 else ''}"
    if not decide(f"Remove {files} all the same?"):
        printer.say("Nothing was changed.")
        raise typer.Exit


def _outcome(count: int, request: "MergeRequest | None", *, dry_run: bool, checkout: bool) -> str:
    from scaffold.forge.pages import request_place

    if not count:
        return "All that is generated is in step."
    if dry_run:
        return "Nothing was changed: a dry run."
    if checkout:
        return "They are in the checkout now; commit them with what they follow from."
    return f"Merge request: {request_place(request)}" if request else "main has them now."
