"""`scaffold init`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, QuietOption
from scaffold.cli.output import Printer, go_to
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.service.init import Initialised
    from scaffold.service.start import Ci, PlatformStart


class ForgeKind(StrEnum):
    """Where repos and merge requests live."""

    LOCAL = "local"
    GITLAB = "gitlab"
    GITHUB = "github"
    GITEA = "gitea"


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to make it; its name is the default.")
    ] = Path(),
    forge: Annotated[
        ForgeKind, typer.Option(help="Where repos live; local: bare repos in a folder.")
    ] = ForgeKind.LOCAL,
    data: Annotated[
        list[str] | None,
        typer.Option(metavar="K=V", help="A setting of a server, as in platform.yml: url, group."),
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Make a platform: its repo, a forge in a folder, and the shipped blueprints.

    On a server, the connection and the token's rights are tested before anything is made.
    """
    from scaffold.model.outputs import InitOutput

    if not defaults and not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask on", hint="Give --defaults to be asked nothing."
        )
    if forge is ForgeKind.LOCAL:
        if data:
            raise UsageError("--data is for servers", hint="Name one: --forge gitlab")
        made = make_platform(directory, asking=not defaults)
    else:
        from scaffold.cli.init_server import make_on_forge

        made = make_on_forge(directory, forge.value, data or [], asking=not defaults)
    document = InitOutput(platform=str(made.platform), forge=made.forge, blueprints=made.blueprints)
    blueprints = ", ".join(f"{one.name} {one.version}" for one in made.blueprints)
    Printer(output, quiet).result(
        document,
        [
            f"Platform    {made.platform}",
            f"Forge       {made.forge}",
            f"Blueprints  {blueprints}",
            "",
            f"Next: {go_to(directory)}scaffold new service",
        ],
    )


def make_platform(folder: Path, *, asking: bool) -> "Initialised":
    """Make a platform in `folder`, after asking for what it starts with."""
    from scaffold.service.init import init_platform

    return init_platform(folder, ask_start(folder, asking=asking))


def ask_start(folder: Path, *, asking: bool, ci: "Ci | None" = None) -> "PlatformStart":
    """What the platform starts with; the defaults where nobody is asked.

    `ci` is what the forge settles about the CI system.
    """
    from scaffold.service.start import Ci, PlatformStart

    name = folder.resolve().name
    start = PlatformStart(name, f"registry.example.com/{name}", ci=ci or Ci.GITLAB)
    return _ask(start, ci) if asking else start


def _ask(default: "PlatformStart", ci: "Ci | None") -> "PlatformStart":
    from scaffold.cli.prompts import ask_text, pick
    from scaffold.model.names import problem_with_label, problem_with_registry
    from scaffold.service.start import Ci, PlatformStart

    def label(text: str) -> str | None:
        problem = problem_with_label(text)
        return f"The name {problem}." if problem else None

    def labels(text: str) -> str | None:
        names = _split(text)
        if len(set(names)) < len(names):
            return "One name is there twice."
        return next((found for name in names if (found := label(name))), None)

    def place(text: str) -> str | None:
        problem = problem_with_registry(text)
        return f"The registry {problem}." if problem else None

    name = ask_text(
        "What is the organisation called, in short?", default=default.name, problem=label
    )
    return PlatformStart(
        name=name,
        registry=ask_text(
            "Where are images pushed to?", default=f"registry.example.com/{name}", problem=place
        ),
        team=ask_text(
            "Which team is the first to own services?", default="platform", problem=label
        ),
        environments=_split(
            ask_text(
                "Which environments are there, in the order of promotion?",
                default=", ".join(default.environments),
                problem=labels,
            )
        ),
        ci=ci or Ci(pick("Which CI system runs the platform repo?", [str(one) for one in Ci])),
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))
