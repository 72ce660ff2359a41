"""`scaffold blueprint list`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, table

if TYPE_CHECKING:
    from scaffold.documents.authoring_outputs import BlueprintsOutput
    from scaffold.status.blueprints import BlueprintList


def list_command(
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """List the platform's blueprints, their versions, and how many services are on each.

    A service counts for the oldest version that one of its repos has on main.
    """
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.status.blueprints import list_blueprints

    printer = Printer(output, quiet)
    with printer.busy("Reading"):
        found = list_blueprints(open_platform(find_platform(Path.cwd(), platform)))
    printer.result(_document(found), _text(found))
    if found.unreadable or any(one.error for one in found.blueprints):
        printer.fail(_errors(found))


def _document(found: "BlueprintList") -> "BlueprintsOutput":
    from scaffold.documents.authoring_outputs import (
        BlueprintInUse,
        BlueprintsOutput,
        UnreadableService,
        VersionInUse,
    )

    return BlueprintsOutput(
        blueprints=tuple(
            BlueprintInUse(
                name=one.name,
                url=one.url,
                summary=one.summary,
                versions=tuple(
                    VersionInUse(
                        version=version.version,
                        released=version.released,
                        services=version.services,
                    )
                    for version in one.versions
                ),
                error=str(one.error) if one.error else None,
            )
            for one in found.blueprints
        ),
        unreadable=tuple(
            UnreadableService(service=name, error=str(error))
            for name, error in found.unreadable.items()
        ),
    )


def _text(found: "BlueprintList") -> Iterator[str]:
    rows = [
        (one.name, version.version, str(version.services), "" if version.released else "no tag")
        for one in found.blueprints
        for version in one.versions
    ]
    yield from table(("BLUEPRINT", "VERSION", "SERVICES", ""), rows)
    yield from _errors(found)


def _errors(found: "BlueprintList") -> Iterator[str]:
    for one in found.blueprints:
        if one.error:
            yield f"{one.name}: {one.error}"
    for name, error in found.unreadable.items():
        yield f"{name}: {error}"
