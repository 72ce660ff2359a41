"""`scaffold access grant` and `scaffold access revoke`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.config.grant import Grant
    from scaffold.documents.access_outputs import GrantPart
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.forge.api import MergeRequest

WhoArgument = Annotated[
    str,
    typer.Argument(
        metavar="WHO", help="A group of platform.yml, else a user; or user:NAME, group:NAME."
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
]


def grant_command(
    who: WhoArgument,
    environment: Annotated[
        str, typer.Option("--break-glass", metavar="ENV", help="The environment.")
    ],
    length: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="How long, as in 2h, 90m or 1h30m.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What for; kept for good.")],
    service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE", help="For this service alone; can be given often. Else for all."
        ),
    ] = None,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="read-only, developer or admin.")
    ] = "admin",
    dry_run: DryRunOption = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Give somebody a role in an environment for a while; the bot takes it back.

    It is one commit in the platform repo, so whoever may push there may give one; where main takes
    no push, it is a merge request. The clusters have it once the platform's pipeline ran. Given
    again, it ends when the last one says. No right to a repo on the forge comes with it.
    """
    from scaffold.documents.access_outputs import AccessGrantOutput
    from scaffold.fleet.grants import give, read_grants

    opened = _open(platform, dry_run=dry_run)
    printer = Printer(output, quiet)
    now = datetime.now(UTC).replace(microsecond=0)
    wanted = _grant(opened, who, environment, length, reason, service or [], role, now)
    there = read_grants(opened.model, opened.tree).valid.get(wanted.id)
    request = give(opened, wanted)
    document = AccessGrantOutput(
        dry_run=dry_run,
        grant=grant_part(wanted.id, wanted),
        before="" if there is None else _clock(there.until),
        merge_request=request.url if request else "",
    )
    lines = _given(wanted, there, request, dry_run=dry_run)
    printer.result(document, [*lines, *_behind(opened)])


def revoke_command(
    who: WhoArgument,
    environment: Annotated[
        str | None,
        typer.Option("--break-glass", metavar="ENV", help="In this environment alone."),
    ] = None,
    dry_run: DryRunOption = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Take back, before its time is over, what somebody was given for a while.

    What they have by a group of platform.yml stays.
    """
    from scaffold.documents.access_outputs import AccessRevokeOutput
    from scaffold.fleet.grants import parsed_grants, take_back
    from scaffold.fleet.holders import holder_of

    opened = _open(platform, dry_run=dry_run)
    printer = Printer(output, quiet)
    grants = parsed_grants(opened.tree)
    holder = holder_of(opened.model, who, [grant.who for grant in grants.values()])
    mine = {
        name: grant
        for name, grant in grants.items()
        if (grant.kind, grant.who) == holder and environment in (None, grant.environment)
    }
    if not mine:
        where = f" in `{environment}`" if environment else ""
        raise UsageError(
            f"the {' '.join(holder)} was given nothing for a while{where}",
            hint=_standing(grants),
        )
    request = take_back(opened, mine)
    now = datetime.now(UTC)
    document = AccessRevokeOutput(
        dry_run=dry_run,
        grants=tuple(grant_part(name, one, now) for name, one in mine.items()),
        merge_request=request.url if request else "",
    )
    verb = "To take back" if dry_run else "Taken back"
    lines = [f"{verb}: {grant.told}, until {_clock(grant.until)}" for grant in mine.values()]
    printer.result(document, [*lines, *_outcome(request, dry_run=dry_run), *_behind(opened)])


def grant_part(name: str, grant: "Grant", now: datetime | None = None) -> "GrantPart":
    """A grant in a document; whether it has expired is told of a moment."""
    from scaffold.documents.access_outputs import GrantPart

    return GrantPart(
        name=name,
        kind=grant.kind,
        who=grant.who,
        role=grant.role.value,
        environment=grant.environment,
        services=grant.services,
        since=_clock(grant.since),
        until=_clock(grant.until),
        reason=grant.reason,
        expired=now is not None and grant.expired(now),
    )


def _open(platform: Path | None, *, dry_run: bool) -> "PlatformRepo":
    from scaffold.fleet.platform import find_platform, open_platform

    return replace(open_platform(find_platform(Path.cwd(), platform)), dry_run=dry_run)


def _grant(
    opened: "PlatformRepo",
    who: str,
    environment: str,
    length: str,
    reason: str,
    services: list[str],
    role: str,
    now: datetime,
) -> "Grant":
    """The grant that is asked for. Raises UsageError."""
    from scaffold.config.grant import Grant
    from scaffold.fleet.holders import holder_of

    kind, name = holder_of(opened.model, who)
    told = {
        kind: name,
        "role": role,
        "environment": environment,
        "services": tuple(dict.fromkeys(services)),
        "since": now.isoformat(),
        "until": (now + _length(length)).isoformat(),
        "reason": " ".join(reason.split()),
    }
    try:
        return Grant.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        options = {"environment": "--break-glass", "services": "--service", kind: "WHO"}
        key = str(first["loc"][0]) if first["loc"] else "WHO"
        what = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        raise UsageError(f"{options.get(key, f'--{key}')}: {what}") from error


def _length(text: str) -> timedelta:
    from scaffold.config.grant import read_duration

    try:
        return read_duration(text)
    except ValueError as error:
        raise UsageError(f"--for: {error}") from error


def _clock(moment: datetime) -> str:
    from scaffold.config.grant import clock

    return clock(moment)


def _given(
    grant: "Grant", before: "Grant | None", request: "MergeRequest | None", *, dry_run: bool
) -> Iterator[str]:
    note = "  (platform.yml has no group of that name)" if grant.kind == "user" else ""
    yield f"{grant.kind:12} {grant.who}{note}"
    yield f"role         {grant.role}"
    yield f"environment  {grant.environment}"
    yield f"services     {', '.join(grant.services) or 'all'}"
    yield f"until        {_clock(grant.until)}"
    if before is not None:
        yield f"before       until {_clock(before.until)}"
    yield "forge        no right to any repo comes with it"
    yield from _outcome(request, dry_run=dry_run)
    if request is None and not dry_run:
        yield "The cluster has it once the platform repo's pipeline ran; the bot takes it back."


def _outcome(request: "MergeRequest | None", *, dry_run: bool) -> Iterator[str]:
    from scaffold.forge.pages import request_place

    if request is not None:
        verb = "It would be a merge request" if dry_run else "It counts once this is merged"
        yield f"{verb}: {request_place(request) or request.title}"
    if dry_run:
        yield "Nothing was changed: a dry run."


def _behind(opened: "PlatformRepo") -> Iterator[str]:
    from scaffold.fleet.checkout import behind

    if not opened.dry_run and (told := behind(opened.folder)):
        yield told


def _standing(grants: "Mapping[str, Grant]") -> str:
    if not grants:
        return "Nobody was."
    return f"There are: {'; '.join(grant.told for grant in grants.values())}."
