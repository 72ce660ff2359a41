"""`scaffold init`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scaffold.cli.options import Format, OutputOption, QuietOption
from scaffold.cli.output import Printer, go_to
from scaffold.cli.stopping import stopped_means
from scaffold.config.forges.registered import FORGES
from scaffold.config.forges.server import ServerForge
from scaffold.errors import UsageError

_MODELS = {kind.name: kind.settings for kind in FORGES}
if TYPE_CHECKING:
    _Kind = str
else:  # mypy takes no type that is computed
    _Kind = Literal[tuple(_MODELS)]


_LINKED = {"docs_base": "docs", "grafana_base": "dashboards"}


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to make it; its name is the default.")
    ] = Path(),
    forge: Annotated[
        _Kind, typer.Option(help="Where repos live; local: bare repos in a folder.")
    ] = "local",
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="K=V",
            help="A setting of a server, as in platform.yml: url, group; or engine.",
        ),
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Make a platform: its repo, a forge in a folder, and the shipped blueprints.

    On a server, the connection and the token's rights are tested before anything is made.
    """
    from scaffold.doctor.machine import look_at_machine
    from scaffold.documents.outputs import InitOutput

    if not defaults and not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask on", hint="Give --defaults to be asked nothing."
        )
    with stopped_means("nothing was created"):
        missing = tuple(one.name for one in look_at_machine(versions=False) if one.fix)
    model = _MODELS[forge]
    if issubclass(model, ServerForge):
        from scaffold.cli.init_server import make_on_forge

        made = make_on_forge(directory, forge, model, data or [], asking=not defaults)
    else:
        if data:
            raise UsageError("--data is for servers", hint="Name one: --forge gitlab")
        from scaffold.cli.start import make_platform

        made = make_platform(directory, asking=not defaults)
    document = InitOutput(
        platform=str(made.platform), forge=made.forge, blueprints=made.blueprints, missing=missing
    )
    blueprints = ", ".join(f"{one.name} {one.version}" for one in made.blueprints)
    Printer(output, quiet).result(
        document,
        [
            f"Platform    {made.platform}",
            f"Forge       {made.forge}",
            f"Blueprints  {blueprints}",
            *_without(made.no_links),
            *_lacks(missing),
            "",
            f"Next: {go_to(directory)}scaffold new service",
        ],
    )


def _lacks(programs: tuple[str, ...]) -> list[str]:
    """What to say where checks will not be made for want of programs."""
    names = ", ".join(programs)
    return [f"Missing     {names}: `scaffold doctor` says how to get them"] if programs else []


def _without(no_links: tuple[str, ...]) -> list[str]:
    """What to say where nobody named an address that alerts and docs of services would link to."""
    if not no_links:
        return []
    shown = ", ".join(_LINKED[name] for name in no_links)
    return [f"No links    to {shown}: set {', '.join(no_links)} under `answers` in platform.yml"]
