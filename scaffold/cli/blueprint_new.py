"""`scaffold blueprint new`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.authoring.wanted_repos import Skeleton, read_repos
from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, go_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffold.authoring.wanted_repos import WantedRepo
    from scaffold.documents.authoring_outputs import NewBlueprintOutput
    from scaffold.fleet.platform import PlatformRepo


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to make it; else ./NAME.")
    ] = None,
    skeleton: Annotated[
        Skeleton | None,
        typer.Option(
            "--skeleton", help="What it begins with.", show_default="asked, or kubernetes"
        ),
    ] = None,
    repo: Annotated[
        list[str] | None,
        typer.Option(
            "--repo",
            metavar="NAME[:FOLLOWS]",
            help="A repo, and the one whose commits it follows; one to six.",
            show_default="asked, or those of the skeleton",
        ),
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Make a blueprint that works as it is, with tests, CI and docs.

    It is a git repo with one commit. On a terminal you are asked what it begins with and which
    repos it has. How it gets to the platform is said at the end.
    """
    from scaffold import __version__
    from scaffold.authoring.new import Wanted, check_new, make_blueprint
    from scaffold.authoring.skeletons import repo_lines

    folder = (directory or Path(name)).absolute()
    home = find_home(platform)
    origin = find_origin(home, name)
    image = home.model.ci.image if home else f"registry.example.com/scaffold-ci:{__version__}"
    check_new(name, folder)
    chosen, repos = _wanted(skeleton, repo, asking=not defaults and sys.stdin.isatty())
    make_blueprint(Wanted(name, chosen, repos, image), folder, origin=origin)
    Printer(output, quiet).result(
        _document(name, folder, origin, chosen, repos),
        [
            f"Made {folder}, with a folder for each repo:",
            *(f"  {line}" for line in repo_lines(chosen, repos)),
            "",
            f"Next: {go_to(directory or Path(name))}scaffold blueprint test",
            "",
            *way_to_platform(name, origin),
        ],
    )


def _wanted(
    skeleton: Skeleton | None, words: "Sequence[str] | None", *, asking: bool
) -> "tuple[Skeleton, Sequence[WantedRepo]]":
    """What was given, else answered, else the defaults. Raises UsageError."""
    given = read_repos(words) if words else None
    if asking:
        from scaffold.cli.ask_blueprint import ask_repos, ask_skeleton

        chosen = skeleton or ask_skeleton()
        return chosen, given or ask_repos(chosen)
    from scaffold.authoring.skeletons import SHAPES

    chosen = skeleton or Skeleton.KUBERNETES
    return chosen, given or SHAPES[chosen].repos


def _document(
    name: str,
    folder: Path,
    origin: str | None,
    skeleton: Skeleton,
    repos: "Sequence[WantedRepo]",
) -> "NewBlueprintOutput":
    from scaffold.authoring.skeletons import parts
    from scaffold.documents.authoring_outputs import NewBlueprintOutput, RepoOfBlueprint

    begins = parts(skeleton, repos)
    return NewBlueprintOutput(
        name=name,
        folder=str(folder),
        repos=tuple(
            RepoOfBlueprint(name=one.name, follows=one.follows, begins_with=begins[one.name])
            for one in repos
        ),
        origin=origin,
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
