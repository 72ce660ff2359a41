"""The options that every command has."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scaffold.errors import UsageError


def find_folder(path: Path) -> Path:
    """The whole path of a folder that is to be read. Raises UsageError where there is none."""
    if not path.is_dir():
        raise UsageError("there is no such folder", where=str(path), hint="Is the path right?")
    return path.resolve()


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
DataOption = Annotated[
    list[str] | None, typer.Option("--data", metavar="K=V", help="An answer; can be given often.")
]
DataFileOption = Annotated[
    Path | None, typer.Option("--data-file", metavar="F", help="A YAML file of answers.")
]
