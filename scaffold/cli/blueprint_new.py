"""`scaffold blueprint new`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, go_to

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to make it; else ./NAME.")
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Make a blueprint of two paired repos that works as it is, with tests, CI and docs.

    It is a git repo with one commit. How it gets to the platform is said at the end.
    """
    from scaffold import __version__
    from scaffold.authoring.new import make_blueprint
    from scaffold.documents.authoring_outputs import NewBlueprintOutput

    folder = (directory or Path(name)).absolute()
    home = find_home(platform)
    origin = find_origin(home, name)
    image = home.model.ci.image if home else f"registry.example.com/scaffold-ci:{__version__}"
    make_blueprint(name, folder, ci_image=image, origin=origin)
    document = NewBlueprintOutput(name=name, folder=str(folder), origin=origin)
    Printer(output, quiet).result(
        document,
        [
            f"Made {folder}",
            "",
            f"Next: {go_to(directory or Path(name))}scaffold blueprint test",
            "",
            *way_to_platform(name, origin),
        ],
    )


def find_home(given: Path | None) -> "PlatformRepo | None":
    """The platform that a blueprint is made for, if there is one around."""
    from scaffold.errors import PlatformNotFoundError
    from scaffold.fleet.platform import find_platform, open_platform

    try:
        return open_platform(find_platform(Path.cwd(), given))
    except PlatformNotFoundError:
        if given is not None:
            raise
        return None


def find_origin(home: "PlatformRepo | None", name: str) -> str | None:
    """Where a new blueprint belongs, if there is a platform. Raises NameTakenError."""
    from scaffold.service.names import check_new_blueprint

    if home is None:
        return None
    check_new_blueprint(home, name)
    return home.forge.url(home.blueprint_repo(name))


def way_to_platform(name: str, origin: str | None) -> list[str]:
    """What there is to do once so that services can be made from a blueprint."""
    return [
        "Once, so that services can be made from it:",
        "  scaffold blueprint release",
        f"  scaffold blueprint register{'' if origin else ' --platform DIR'}",
        f"  scaffold new service --blueprint {name}",
    ]
