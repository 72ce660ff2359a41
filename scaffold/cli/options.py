"""The options that every command has."""

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
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
