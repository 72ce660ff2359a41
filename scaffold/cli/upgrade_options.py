"""The options of `scaffold upgrade`."""

from pathlib import Path
from typing import Annotated

import typer

ServicesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="SERVICE", help="Which services.")
]
AllOption = Annotated[bool, typer.Option("--all", help="All services of the catalog.")]
OwnerOption = Annotated[str | None, typer.Option(metavar="TEAM", help="The services of a team.")]
BlueprintOption = Annotated[
    str | None, typer.Option(metavar="B", help="The services made from a blueprint.")
]
ToOption = Annotated[
    str | None, typer.Option(metavar="VERSION", help="The target; else the newest release.")
]
ReposOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="URL_OR_PATH", help="A repo that copier made, or a folder in one; no platform."
    ),
]
AnswersFileOption = Annotated[
    str | None,
    typer.Option(
        "--answers-file",
        "-a",
        metavar="PATH",
        help="With --repo: the answers file, if it is at another place or not the only one.",
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
]
DiffOption = Annotated[bool, typer.Option("--diff", help="Show each change.")]
ProcessesOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="How many processes at a time; else as many as cores, on a server up to 16.",
    ),
]
WaveOption = Annotated[
    str | None, typer.Option(metavar="N|N%", help="At most so many services in this run.")
]
ShardOption = Annotated[
    str | None, typer.Option(metavar="I/N", help="The I-th of N runs that share the work.")
]
FailedOption = Annotated[
    Path | None,
    typer.Option(metavar="REPORT.json", help="Only what failed in an earlier run's report."),
]
MergeReportsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        help="Print the reports of a run's shards as one, and do nothing else.",
    ),
]
RecordVersionOption = Annotated[
    bool,
    typer.Option("--record-version", help="Propose a version where nothing else changes, too."),
]
ReopenOption = Annotated[
    bool,
    typer.Option("--reopen", help="Take up again what was turned down: reopen merge requests."),
]
TrustOption = Annotated[
    bool, typer.Option("--trust", help="Let templates run their tasks and extensions.")
]
ResolveOption = Annotated[
    bool,
    typer.Option("--resolve", help="In a checkout of a draft: open its conflicts for mergetool."),
]
