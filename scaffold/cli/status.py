"""`scaffold status`."""

from pathlib import Path
from typing import Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, table


def status(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="Which services; else all.")
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """List services: owner, blueprint, and whether they are active, pending or retired."""
    from scaffold.model.outputs import ServiceStatus, StatusOutput
    from scaffold.picture.status import status as look
    from scaffold.service.platform import find_platform, open_platform

    lines = look(open_platform(find_platform(Path.cwd(), platform)), services or [])
    document = StatusOutput(
        services=tuple(
            ServiceStatus.model_validate(
                {
                    "service": one.service,
                    "owner": one.owner,
                    "blueprint": one.blueprint,
                    "state": one.state,
                    "merge_request": one.request.url if one.request else None,
                }
            )
            for one in lines
        )
    )
    rows = [(one.service, one.owner or "-", one.blueprint or "-", one.state) for one in lines]
    waiting = [f"{one.service} waits for {one.request.url}" for one in lines if one.request]
    shown = (
        table(("SERVICE", "OWNER", "BLUEPRINT", "STATE"), rows) if rows else ["No services yet."]
    )
    Printer(output, quiet).result(document, [*shown, *waiting])
