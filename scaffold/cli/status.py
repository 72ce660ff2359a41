"""`scaffold status`."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer


class State(StrEnum):
    """What a service's state can be, as the table has it."""

    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"
    PENDING = "pending"
    UNFINISHED = "unfinished"
    INVALID = "invalid"


def status(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="Which services; else all.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List those that are fine, too, however many there are.")
    ] = False,
    owner: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Only the services of a team.")
    ] = None,
    blueprint: Annotated[
        str | None, typer.Option(metavar="B", help="Only the services made from a blueprint.")
    ] = None,
    environment: Annotated[
        str | None, typer.Option(metavar="ENV", help="Only what concerns this environment.")
    ] = None,
    state: Annotated[State | None, typer.Option(help="Only the services in this state.")] = None,
    behind: Annotated[
        bool,
        typer.Option("--behind", help="Only services whose blueprint has a newer version."),
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show services: owner, version, the code in each environment, and what is behind and why.

    Of more than 20 services, those alone that need somebody or are moving, and a count of the rest.
    """
    from scaffold.cli.status_document import status_document
    from scaffold.cli.status_text import status_text
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.status.choice import Choice
    from scaffold.status.services import status as look

    opened = open_platform(find_platform(Path.cwd(), platform))
    now = datetime.now(UTC)
    choice = Choice(owner, blueprint, state, environment, behind)
    lines = look(opened, services or [], now, choice)
    environments = tuple(one.name for one in opened.model.chain())
    shown = environments if environment is None else (environment,)
    printer = Printer(output, quiet)
    whole = everything or bool(services)
    none = "No services yet." if choice == Choice() else "No service fits."
    text = status_text(lines, shown, now, whole=whole) if lines else [none]
    printer.result(status_document(lines), text)
    if any(line.error for line in lines):
        printer.fail(f"{line.service}: {line.error}" for line in lines if line.error)
