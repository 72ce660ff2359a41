"""`scaffold merge-request`: what a server's pages do elsewhere, for the local forge."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, diff_lines, table
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.documents.outputs import MergeRequestOutput
    from scaffold.forge.api import Forge, MergeRequest


RepoArgument = Annotated[str, typer.Argument(metavar="REPO", help="A repo of the forge.")]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Which one.")]


def list_command(
    repo: RepoArgument,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """List the merge requests of a repo, oldest first."""
    from scaffold.documents.outputs import MergeRequestsOutput, MergeRequestStatus

    found = _forge(platform, repo).merge_requests(repo)
    document = MergeRequestsOutput(
        repo=repo,
        merge_requests=tuple(
            MergeRequestStatus(
                number=one.number,
                state=one.state.value,
                draft=one.draft,
                branch=one.branch,
                title=one.title,
                body=one.body,
            )
            for one in found
        ),
    )
    rows = [(str(one.number), _state(one), one.branch, one.title) for one in found]
    lines = table(("NUMBER", "STATE", "BRANCH", "TITLE"), rows) if rows else ["None yet."]
    Printer(output, quiet).result(document, lines)


def show_command(
    repo: RepoArgument,
    number: NumberArgument,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show one: its text and, while it is open, what it would change in main."""
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
    Printer(output, quiet).result(document, _shown(document, _state(found)))


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


def _shown(document: "MergeRequestOutput", state: str) -> Iterator[str]:
    yield document.title
    yield f"state   {state}"
    yield f"branch  {document.branch}"
    yield f"url     {document.url}"
    if document.body.strip():
        yield ""
        yield from document.body.strip().splitlines()
    if document.diff is None:
        yield ""
        yield f"The branch {document.branch} is gone, so there is nothing to merge."
    elif document.diff:
        yield ""
        yield from diff_lines(document.diff)


def _state(request: "MergeRequest") -> str:
    return "draft" if request.draft and request.state == "open" else request.state.value


def _forge(platform: Path | None, repo: str) -> "Forge":
    from scaffold.fleet.platform import find_platform, open_platform

    forge = open_platform(find_platform(Path.cwd(), platform)).forge
    if forge.find(repo) is None:
        raise UsageError(f"the forge has no repo `{repo}`", hint="As in: payments-manifest")
    return forge
