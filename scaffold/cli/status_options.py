"""The options of `scaffold status`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class State(StrEnum):
    """What a service's state can be, as the table has it."""

    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"
    PENDING = "pending"
    UNFINISHED = "unfinished"
    INVALID = "invalid"


class Sort(StrEnum):
    """What comes first."""

    NAME = "name"
    OWNER = "owner"
    VERSION = "version"
    NEED = "need"


EnvironmentOption = Annotated[
    str | None, typer.Option(metavar="ENV", help="Only what concerns this environment.")
]
StateOption = Annotated[State | None, typer.Option(help="Only the services in this state.")]
BehindOption = Annotated[
    bool,
    typer.Option("--behind", help="Only services whose blueprint has a newer version."),
]
SortOption = Annotated[
    Sort | None,
    typer.Option(
        help="What comes first: the name, owner, oldest version, or what needs somebody.",
        show_default="the name; need where those that are fine are only counted",
    ),
]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Look again every 10 seconds, until Ctrl-C.")
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write it as pages into a folder, with all stories."),
]
DriftOption = Annotated[
    bool,
    typer.Option("--drift", help="With --html: compare each repo with what it renders to, too."),
]
UpgradesOption = Annotated[
    bool,
    typer.Option(
        "--upgrades",
        help="With --html: try the upgrade of what is behind, and show what would conflict.",
    ),
]
