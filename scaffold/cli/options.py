"""The options that every command has."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a command prints its result."""

    TABLE = "table"
    JSON = "json"


PlatformOption = Annotated[
    Path | None,
    typer.Option(
        "--platform",
        metavar="DIR",
        envvar="SCAFFOLD_PLATFORM",
        help="A checkout of the platform repo; else the nearest one upward.",
    ),
]
OutputOption = Annotated[Format, typer.Option("--output", help="How the result is printed.")]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        min=1,
        help="How many processes at a time.",
        show_default="the number of cores",  # not that of the machine which builds the docs
    ),
]
JOBS = os.cpu_count() or 1
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
