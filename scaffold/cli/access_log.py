"""`scaffold access log`: the audit trail of roles for a while."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.access_grant import grant_part
from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, table

if TYPE_CHECKING:
    from scaffold.documents.access_outputs import GrantEventPart
    from scaffold.fleet.grant_log import GrantEvent

_SCREEN = 20  # events
_SHORT = 12  # characters of a commit id


def log_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Users, groups, services or environments."),
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Say who gave whom a role for a while and why, and who took it back; newest first.

    It is what git's history of the platform's main says.
    """
    from scaffold.documents.access_outputs import AccessLogOutput
    from scaffold.fleet.grant_log import grant_events
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.git.tree import open_repo

    opened = open_platform(find_platform(Path.cwd(), platform))
    found = [
        one
        for one in grant_events(open_repo(opened.folder), opened.head)
        if not names or any(_is_about(one, name, opened.catalog.services) for name in names)
    ]
    now = datetime.now(UTC)
    document = AccessLogOutput(events=tuple(_part(one, now) for one in found))
    Printer(output, quiet).result(document, _text(found))


def _is_about(event: "GrantEvent", name: str, services: Collection[str]) -> bool:
    """Whether an event is about a user, a group, a service or an environment.

    A grant for all services is about each that the catalog has now.
    """
    grant = event.grant
    if grant is None:
        return name == event.name
    named = (event.name, grant.who, f"{grant.kind}:{grant.who}", grant.environment)
    return name in named or (name in {*services, *grant.services} and grant.covers(name))


def _part(event: "GrantEvent", now: datetime) -> "GrantEventPart":
    from scaffold.config.grant import clock
    from scaffold.documents.access_outputs import GrantEventPart, PersonPart

    return GrantEventPart(
        what=event.what.value,
        name=event.name,
        when=clock(event.when),
        by=PersonPart(name=event.by.name, email=event.by.email),
        merged_by=event.merged_by
        and PersonPart(name=event.merged_by.name, email=event.merged_by.email),
        commit=event.commit,
        subject=event.subject,
        grant=event.grant and grant_part(event.name, event.grant, now),
    )


def _text(found: "Sequence[GrantEvent]") -> Iterator[str]:
    if not found:
        yield "Nobody was given a role for a while."
        return
    rows = [
        (
            f"{one.when:%Y-%m-%d %H:%M}",
            one.what.value,
            one.by.name,
            *((f"{one.grant.kind}:{one.grant.who}", one.grant.role.value, one.grant.environment)
              if one.grant else (one.name, "-", "-")),
        )
        for one in found[:_SCREEN]
    ]  # fmt: skip
    heading, *lines = table(("WHEN (UTC)", "WHAT", "BY", "WHO", "ROLE", "IN"), rows)
    yield heading
    for line, one in zip(lines, found, strict=False):
        yield line
        yield f"  {'; '.join(_details(one))}"
    if older := len(found) - len(rows):
        yield f"and {older:,} older; --output json has all"


def _details(event: "GrantEvent") -> Iterator[str]:
    from scaffold.config.grant import clock

    yield f"commit {event.commit[:_SHORT]}"
    if event.merged_by is not None:
        yield f"merged by {event.merged_by.name}"
    if event.grant is None:
        yield "not valid, so it gave nothing"
        return
    yield f"until {clock(event.grant.until)}"
    yield f"for {', '.join(event.grant.services) or 'all services'}"
    yield event.grant.reason
