"""`scaffold merge-request`: what a server's pages do elsewhere, for the local forge."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, table
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.forge import Forge, MergeRequest

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Merge requests of the local forge: list, merge, close.",
)

RepoArgument = Annotated[str, typer.Argument(metavar="REPO", help="A repo of the forge.")]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Which one.")]


@app.command("list")
def list_command(
    repo: RepoArgument,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """List the merge requests of a repo, oldest first."""
    from scaffold.model.outputs import MergeRequestsOutput, MergeRequestStatus

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


@app.command("merge")
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


@app.command("close")
def close_command(
    repo: RepoArgument,
    number: NumberArgument,
    platform: PlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Turn one down; an upgrade to the same version is not proposed to the repo again."""
    _forge(platform, repo).close_merge_request(repo, number)
    Printer(Format.TABLE, quiet).say(f"Closed {repo} {number}.")


def _state(request: "MergeRequest") -> str:
    return "draft" if request.draft and request.state == "open" else request.state.value


def _forge(platform: Path | None, repo: str) -> "Forge":
    from scaffold.service.platform import find_platform, open_platform

    forge = open_platform(find_platform(Path.cwd(), platform)).forge
    if forge.find(repo) is None:
        raise UsageError(f"the forge has no repo `{repo}`", hint="As in: payments-manifest")
    return forge
