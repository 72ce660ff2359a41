"""`scaffold blueprint import`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, go_to

if TYPE_CHECKING:
    from scaffold.cookiecutter.report import ByHand


def import_command(
    url: Annotated[str, typer.Argument(metavar="URL", help="The template's git repo.")],
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to put it; else by the URL.")
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Take a template in, as a blueprint of one repo, in one commit on its history.

    The files of a copier template stay as they are; copier.yml gets a few questions more, all with
    defaults, so that what was made from it before can still be upgraded. A cookiecutter template
    is made into one of copier's, and what of it could not be is listed. The template's repo becomes
    the remote `upstream`: the blueprint is released to a repo of its own.
    """
    from scaffold.authoring.importing import import_template
    from scaffold.cli.blueprint_new import find_home, find_origin, way_to_platform
    from scaffold.documents.authoring_outputs import ImportOutput, LeftByHand

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
        by_hand=tuple(LeftByHand(**asdict(one)) for one in made.by_hand),
    )
    Printer(output, quiet).result(
        document,
        [
            f"Made {made.folder}, with one commit more:",
            *(f"  {note}" for note in made.notes),
            *_left(made.by_hand),
            "",
            f"Next: {go_to(directory or Path(folder.name))}scaffold blueprint test",
            "",
            *way_to_platform(made.name, origin),
        ],
    )


def _left(by_hand: "Sequence[ByHand]") -> Iterator[str]:
    if by_hand:
        yield "\nNot made copier's, and to be looked at by hand:"
    for one in by_hand:
        yield f"  {one.path}:{one.line}: {one.what}"
        yield f"      {one.do}"
