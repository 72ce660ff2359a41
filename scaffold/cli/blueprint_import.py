"""`scaffold blueprint import`."""

from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, go_to


def import_command(
    url: Annotated[str, typer.Argument(metavar="URL", help="A copier template's git repo.")],
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to put it; else by the URL.")
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Take a copier template in, as a blueprint of one repo, in one commit on its history.

    Its files stay as they are; copier.yml gets a few questions more, all with defaults, so that
    what was made from it before can still be upgraded. The template's repo becomes the remote
    `upstream`: the blueprint is released to a repo of its own.
    """
    from scaffold.authoring.importing import import_template
    from scaffold.cli.blueprint_new import find_home, find_origin, way_to_platform
    from scaffold.documents.authoring_outputs import ImportOutput

    folder = (
        directory or Path(PurePosixPath(url.rstrip("/")).name.removesuffix(".git"))
    ).absolute()
    origin = find_origin(find_home(platform), folder.name)
    made = import_template(url, folder, origin=origin)
    document = ImportOutput(
        name=made.name,
        folder=str(made.folder),
        commit=made.commit,
        origin=origin,
        notes=made.notes,
    )
    Printer(output, quiet).result(
        document,
        [
            f"Made {made.folder}, with one commit more:",
            *(f"  {note}" for note in made.notes),
            "",
            f"Next: {go_to(directory or Path(folder.name))}scaffold blueprint test",
            "",
            *way_to_platform(made.name, origin),
        ],
    )
