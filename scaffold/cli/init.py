"""`scaffold init`."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to make it.")] = Path(),
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,  # noqa: ARG001
) -> None:
    """Make a platform: its repo, a forge in a folder, and the shipped blueprints."""
    from scaffold.service.init import init_platform

    made = init_platform(directory, directory.resolve().name)
    typer.echo(f"Platform    {made.platform}")
    typer.echo(f"Forge       {made.forge}")
    typer.echo(f"Blueprints  {', '.join(made.blueprints)} (v1.0.0)")
    typer.echo(f"\nNext: cd {directory} && scaffold new service")
