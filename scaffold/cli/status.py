"""`scaffold status`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, table
from scaffold.cli.words import age, pin_word

if TYPE_CHECKING:
    from scaffold.chain.commits import Source
    from scaffold.chain.decide import Verdict
    from scaffold.documents.chain_outputs import PinStatus, SourceCommit, StatusOutput
    from scaffold.status.services import ServiceLine

_SHORT = 12  # characters of a commit id
# What is said where a verdict has nothing to add to its word.
_DETAILS = {
    "move": "in the bot's next pass",
    "request": "the bot's next pass opens it",
    "unknown": "what it depends on can't be read",
}


def status(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="Which services; else all.")
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show services: owner, state, the code in each environment, and what is behind and why."""
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.status.services import status as look

    opened = open_platform(find_platform(Path.cwd(), platform))
    now = datetime.now(UTC)
    lines = look(opened, services or [], now)
    environments = tuple(one.name for one in opened.model.chain())
    printer = Printer(output, quiet)
    printer.result(_document(lines), _text(lines, environments, now))
    if any(line.error for line in lines):
        printer.fail(f"{line.service}: {line.error}" for line in lines if line.error)


def _document(lines: "Sequence[ServiceLine]") -> "StatusOutput":
    from scaffold.cli.reds import reds_part
    from scaffold.documents.chain_outputs import BegunRun, ServiceStatus, StatusOutput

    return StatusOutput(
        services=tuple(
            ServiceStatus.model_validate(
                {
                    "service": one.service,
                    "owner": one.owner,
                    "blueprint": one.blueprint,
                    "state": one.state,
                    "pins": tuple(_pin(one, pin) for pin in one.pins),
                    "red": reds_part(one.statuses),
                    "no_release": one.no_release,
                    "merge_request": one.request.url if one.request else None,
                    "begun": BegunRun(by=one.begun.by, since=one.begun.since)
                    if one.begun
                    else None,
                    "error": "\n".join(one.error.lines) if one.error else None,
                }
            )
            for one in lines
        )
    )


def _pin(line: "ServiceLine", pin: "Verdict") -> "PinStatus":
    from scaffold.documents.chain_outputs import PinStatus

    return PinStatus(
        place=pin.edge.place,
        commit=pin.pinned,
        sources=tuple(_source(one) for one in line.sources.get(pin.edge.place, ())),
        next=pin.desired,
        why=pin.why.value,
        detail=pin.detail,
        merge_request=pin.request.url if pin.request else None,
    )


def _source(source: "Source") -> "SourceCommit":
    from scaffold.documents.chain_outputs import SourceCommit

    note = source.note
    return SourceCommit(
        repo=source.repo,
        name=source.name,
        commit=source.commit,
        subject=note.subject if note else None,
        author=note.author if note else None,
        when=note.when if note else None,
        page=note.page if note else "",
    )


def _text(
    lines: "Sequence[ServiceLine]", environments: tuple[str, ...], now: datetime
) -> Iterator[str]:
    if not lines:
        yield "No services yet."
        return
    headings = ("SERVICE", "OWNER", "BLUEPRINT", "STATE", *(name.upper() for name in environments))
    rows = []
    for one in lines:
        cells = tuple(_code(one, name)[:_SHORT] for name in environments)
        rows.append((one.service, one.owner or "-", one.blueprint or "-", one.state, *cells))
    yield from table(headings, rows)
    for one in lines:
        yield from _remarks(one)
    if runs := list(_runs(lines, environments, now)):
        yield ""
        yield from table(("SERVICE", "ENVIRONMENT", "CODE", "AGE", "AUTHOR", "SUBJECT"), runs)


def _code(line: "ServiceLine", environment: str) -> str:
    """The commit of the code that an environment runs: the last one on the way."""
    sources = line.sources.get(environment, ())
    return sources[-1].commit if sources else "-"


def _runs(
    lines: "Sequence[ServiceLine]", environments: tuple[str, ...], now: datetime
) -> Iterator[tuple[str, ...]]:
    """Which code runs where."""
    for one in lines:
        for name in environments:
            if sources := one.sources.get(name, ()):
                note, commit = sources[-1].note, sources[-1].commit[:_SHORT]
                told = (age(now - note.when), note.author, note.subject) if note else ("-",) * 3
                yield (one.service, name, commit, *told)


def _remarks(one: "ServiceLine") -> Iterator[str]:
    """What a service waits for, and each pin that is behind."""
    from scaffold.forge.pages import request_place

    if one.request:
        yield f"{one.service} waits for {request_place(one.request)}"
    if one.begun:
        yield (
            f"{one.service} is being created by {one.begun.by} since {one.begun.told_since}; if"
            f" that has ended, `scaffold new service {one.service}` finishes it"
        )
    if one.error:
        first, *rest = one.error.lines
        yield f"{one.service}: {first}"
        yield from (f"  {line}" for line in rest)
    for pin in one.pins:
        if pin.why != "current":
            what = ", ".join(filter(None, [pin_word(pin.why), (pin.desired or "")[:_SHORT]]))
            where = request_place(pin.request) if pin.request else ""
            detail = "; ".join(filter(None, [where, pin.detail])) or _DETAILS.get(pin.why, "")
            yield ": ".join(filter(None, [f"{one.service} {pin.edge.place}", what, detail]))
    for status in one.statuses:
        if status.is_red:
            yield f"{one.service} {status.part}: red: {status.told}"
    for repo, patterns in one.no_release.items():
        yield f"{one.service} {repo}: makes no release by itself: {', '.join(patterns)}"
