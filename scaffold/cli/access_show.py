"""`scaffold access`: who has which role, and why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, table

if TYPE_CHECKING:
    from scaffold.documents.access_outputs import AccessShowOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.service.access import Asked, Deviation, Holding

_NAMED = 2  # services in a cell; more are counted
_NOT_LOOKED_AT = {
    "compared": "Compared: what is rendered in git; on the forge, main's protection, webhooks and\n"
    "the groups that platform.yml names. Not looked at: clusters, single users there.",
    "not-asked": "Compared: what is rendered in git. Not looked at: clusters, and the forge: name\n"
    "services, or give --all, for that.",
    "no-roles": "Compared: what is rendered in git. Not looked at: clusters. A forge in a folder\n"
    "has no roles: whoever may write there may do all.",
}


def show_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Services, teams, groups, or users with a grant."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Ask the forge about the repos of all services.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 where anything differs.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Say who has which role for what, what gives it, and where git or the forge differ.

    Without names it is of everything, and asks the forge with --all only. Clusters are not asked.
    The exit status is 1 where the forge did not tell.
    """
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.service.access import (
        Asked,
        Place,
        asked_of,
        deviations,
        holdings,
        on_the_forge,
        scope_of,
        sources_of,
    )

    opened = open_platform(find_platform(Path.cwd(), platform))
    printer = Printer(output, quiet)
    now = datetime.now(UTC)
    scope = scope_of(opened, names or [])
    found = holdings(opened, scope, now)
    differ = [*deviations(opened, scope, found, now)]
    asked = asked_of(opened, scope, all_services=everything)
    if asked is Asked.COMPARED:
        services = {name for one in found for name in one.services} | scope.services
        with printer.busy("Asking the forge"):
            differ += on_the_forge(opened, services)
    owners = sources_of(opened, scope.services)
    document = _document(found, differ, asked, owners)
    printer.result(document, _text(opened, document, found, differ))
    failures = [f"{one.where}: {one.what}" for one in differ if one.place is Place.NOT_READ]
    if failures or (check and differ):
        printer.fail(failures or _differences(differ))


def _document(
    found: "Sequence[Holding]",
    differ: "Sequence[Deviation]",
    asked: "Asked",
    owners: Mapping[str, str],
) -> "AccessShowOutput":
    from scaffold.documents.access_outputs import AccessShowOutput, DeviationPart, HolderPart

    return AccessShowOutput(
        ok=not differ,
        forge=asked.value,
        owners=dict(owners),
        holders=tuple(HolderPart.model_validate(vars(one)) for one in found),
        deviations=tuple(DeviationPart.model_validate(vars(one)) for one in differ),
    )


def _text(
    opened: "PlatformRepo",
    document: "AccessShowOutput",
    found: "Sequence[Holding]",
    differ: "Sequence[Deviation]",
) -> Iterator[str]:
    for name, place in document.owners.items():
        yield f"{name} is owned by {opened.catalog.services[name].owner} ({place})"
    if document.owners and found:
        yield ""
    whole = tuple(one.name for one in opened.model.environments)
    rows = [
        (
            f"{one.kind}:{one.who}" if one.until else one.who,
            one.role.value,
            _services(one),
            "all" if one.environments == whole else ", ".join(one.environments),
            one.source,
        )
        for one in found
    ]
    if rows:
        yield from table(("WHO", "ROLE", "SERVICES", "IN", "FROM"), rows)
    else:
        yield "Nobody has a role."
    for one in found:
        if one.until:
            verb, more = ("had", " and still has it") if one.expired else ("has", "")
            yield f"{one.who} {verb} that until {one.until}{more}: {one.reason}"
    yield ""
    yield from _differences(differ)
    yield _NOT_LOOKED_AT[document.forge]


def _services(one: "Holding") -> str:
    """Their names, or how many there are."""
    if not one.services:
        return "none"
    if len(one.services) <= _NAMED:
        return ", ".join(one.services)
    return f"{len(one.services):,}" + (f" of {one.owner}" if one.owner else "")


def _differences(differ: "Sequence[Deviation]") -> Iterator[str]:
    if not differ:
        yield "Nothing of what was compared differs."
    for one in differ:
        first, *rest = one.what.splitlines()
        yield f"{one.place:8}  {one.where}  {first}"
        yield from (f"  {line}" for line in rest)
