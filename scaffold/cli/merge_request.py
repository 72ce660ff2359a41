"""`scaffold merge-request`: what waits in the fleet, and what a server's pages do elsewhere."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.chain.words import age
from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, diff_lines, table
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.documents.outputs import (
        MergeRequestOutput,
        MergeRequestsOutput,
        MergeRequestStatus,
    )
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.forge.api import Forge, MergeRequest
    from scaffold.status.requests import FleetRequests, RequestLine, UnreadRepo


RepoArgument = Annotated[str, typer.Argument(metavar="REPO", help="A repo of the forge.")]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Which one.")]


def list_command(
    repo: Annotated[
        str | None,
        typer.Argument(metavar="REPO", help="A repo of the forge; else the whole fleet."),
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """List the open merge requests of the fleet, or all of one repo, oldest first.

    The fleet is the platform repo and the repos of all services that are not retired.
    """
    from scaffold.status.requests import open_requests, requests_of

    opened = _open(platform)
    printer = Printer(output, quiet)
    if repo is not None:
        _need(opened, repo)
        of_repo = requests_of(opened, repo)
        printer.result(_document(repo, of_repo, ()), _of_repo(of_repo))
        return
    found = open_requests(opened)
    document = _document(None, found.lines, found.unread)
    printer.result(document, _of_fleet(found, datetime.now(UTC)))
    if found.unread:
        printer.fail(_unread(found.unread))


def _document(
    repo: str | None, lines: "Sequence[RequestLine]", unread: "Sequence[UnreadRepo]"
) -> "MergeRequestsOutput":
    from scaffold.documents.outputs import MergeRequestsOutput, UnreadRepoPart

    return MergeRequestsOutput(
        repo=repo,
        merge_requests=tuple(_status(one) for one in lines),
        unread=tuple(
            UnreadRepoPart(
                repo=one.repo,
                service=one.service,
                cause=one.error.reference,
                message="\n".join(one.error.lines),
            )
            for one in unread
        ),
    )


def _status(line: "RequestLine") -> "MergeRequestStatus":
    from scaffold.documents.outputs import MergeRequestStatus

    return MergeRequestStatus.model_validate(
        {
            **asdict(line.request),
            "service": line.service,
            "environment": line.environment,
            "purpose": line.purpose.value,
            "state": line.request.state.value,
        }
    )


def _of_repo(lines: "Sequence[RequestLine]") -> Iterator[str]:
    requests = [line.request for line in lines]
    if not requests:
        yield "None yet."
        return
    rows = [(str(one.number), _state(one), one.branch, one.title) for one in requests]
    yield from table(("NUMBER", "STATE", "BRANCH", "TITLE"), rows)


def _of_fleet(found: "FleetRequests", now: datetime) -> Iterator[str]:
    """A line each, and how one is shown and merged where there is no page for that."""
    from scaffold.forge.pages import has_page

    if found.lines:
        headings = ("SERVICE", "ENVIRONMENT", "WHAT", "AGE", "MERGE REQUEST", "TITLE")
        yield from table(headings, (_row(line, now) for line in found.lines))
    elif not found.unread:
        yield "No merge request is open."
    yield from _unread(found.unread)
    if any(not has_page(line.request) for line in found.lines):
        yield "Show one: scaffold merge-request show REPO NUMBER"
        yield "Merge it: scaffold merge-request merge REPO NUMBER"


def _row(line: "RequestLine", now: datetime) -> tuple[str, ...]:
    from scaffold.forge.pages import has_page

    request = line.request
    what = f"{line.purpose}, draft" if request.draft else str(line.purpose)
    old = age(now - request.opened) if request.opened else "-"
    place = request.url if has_page(request) else f"{request.repo} {request.number}"
    return (line.service or "-", line.environment or "-", what, old, place, request.title)


def _unread(unread: "Sequence[UnreadRepo]") -> Iterator[str]:
    for one in unread:
        yield f"{one.repo or one.service}: {one.error}"


def show_command(
    repo: RepoArgument,
    number: NumberArgument,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show one: its text and, while it is open, what it would change in main.

    On a terminal the text, which is Markdown, is laid out; elsewhere it is as it was written.
    """
    from scaffold.documents.outputs import MergeRequestOutput
    from scaffold.git.diff import branch_diff

    forge = _forge(platform, repo)
    found = {one.number: one for one in forge.merge_requests(repo)}.get(number)
    if found is None:
        raise UsageError(
            f"`{repo}` has no merge request {number}",
            hint=f"See what there is: scaffold merge-request list {repo}",
        )
    document = MergeRequestOutput(
        repo=repo,
        number=number,
        state=found.state.value,
        draft=found.draft,
        branch=found.branch,
        url=found.url,
        title=found.title,
        body=found.body,
        # A branch may have gone on with another one since.
        diff=branch_diff(forge.url(repo), found.branch, "main") if found.state == "open" else "",
    )
    Printer(output, quiet).result(document, _shown(document, found))


def merge_command(
    repo: RepoArgument,
    number: NumberArgument,
    platform: PlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Merge one into main; a draft is refused while files of it have conflict markers.

    And until somebody has pushed to its branch.
    """
    _forge(platform, repo).merge(repo, number)
    Printer(Format.TABLE, quiet).say(f"Merged {repo} {number}.")


def close_command(
    repo: RepoArgument,
    number: NumberArgument,
    platform: PlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Turn one down; an upgrade to the same version is not proposed to the repo again."""
    _forge(platform, repo).close_merge_request(repo, number)
    Printer(Format.TABLE, quiet).say(f"Closed {repo} {number}.")


def reopen_command(
    repo: RepoArgument,
    number: NumberArgument,
    platform: PlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Take one that was closed up again, as its branch is now."""
    _forge(platform, repo).reopen_merge_request(repo, number)
    Printer(Format.TABLE, quiet).say(f"Reopened {repo} {number}.")


def _shown(document: "MergeRequestOutput", found: "MergeRequest") -> Iterator[str]:
    from scaffold.forge.pages import has_page

    state = _state(found)
    yield document.title
    yield f"state   {state}"
    yield f"branch  {document.branch}"
    yield f"url     {document.url}"
    step = {"open": "merge", "draft": "merge", "closed": "reopen"}.get(state)
    if step and not has_page(found):
        yield f"{step:7} scaffold merge-request {step} {document.repo} {document.number}"
    if document.body.strip():
        yield ""
        yield from _body(document.body.strip())
    if document.diff is None:
        yield ""
        yield f"The branch {document.branch} is gone, so there is nothing to merge."
    elif document.diff:
        yield ""
        yield from diff_lines(document.diff)


def _body(text: str) -> list[str]:
    """As a terminal can show it; elsewhere as it was written, for other programs."""
    if not sys.stdout.isatty():
        return text.splitlines()
    from scaffold.cli.markdown import markdown_lines

    return markdown_lines(text, shutil.get_terminal_size().columns)


def _state(request: "MergeRequest") -> str:
    return "draft" if request.draft and request.state == "open" else request.state.value


def _forge(platform: Path | None, repo: str) -> "Forge":
    opened = _open(platform)
    _need(opened, repo)
    return opened.forge


def _open(platform: Path | None) -> "PlatformRepo":
    from scaffold.fleet.platform import find_platform, open_platform

    return open_platform(find_platform(Path.cwd(), platform))


def _need(opened: "PlatformRepo", repo: str) -> None:
    if opened.forge.find(repo) is None:
        raise UsageError(f"the forge has no repo `{repo}`", hint="As in: payments-manifest")
