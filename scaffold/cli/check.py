"""`scaffold check`."""

from pathlib import Path
from typing import Annotated

import typer

from scaffold.errors import EXIT_FAILED


def check(
    path: Annotated[Path, typer.Argument(help="A checkout of a paired repo.")] = Path(),
) -> None:
    """Run every check of a repo, its own tests included."""
    from scaffold.checks.repo import check_repo

    report = check_repo(path.resolve(), static_only=False)
    for result in report.results:
        typer.echo(f"{result.outcome:8} {result.name:16} {result.target}")
        if result.outcome != "passed":
            for line in result.details:
                typer.echo(f"         {line}")
    if not report.ok:
        raise typer.Exit(EXIT_FAILED)
