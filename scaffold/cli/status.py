"""`scaffold status`."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.cli.progress import progress_bar
from scaffold.cli.status_options import (
    BehindOption,
    DriftOption,
    EnvironmentOption,
    HtmlOption,
    Sort,
    SortOption,
    StateOption,
    UpgradesOption,
    WatchOption,
)
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.documents.chain_outputs import StatusOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.status.choice import Choice
    from scaffold.status.line import ServiceLine
    from scaffold.status.services import Progress


_EVERY = 10  # seconds from one look to the next


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
    environment: EnvironmentOption = None,
    state: StateOption = None,
    behind: BehindOption = False,
    sort: SortOption = None,
    watch: WatchOption = False,
    html: HtmlOption = None,
    drift: DriftOption = False,
    upgrades: UpgradesOption = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show services: owner, version, the code in each environment, and what is behind and why.

    Of more than 20 services, those alone that need somebody or are moving, and a count of the rest.
    """
    from scaffold.cli.status_document import service_part
    from scaffold.fleet.platform import find_platform
    from scaffold.status.choice import Choice

    choice = Choice(owner, blueprint, state, environment, behind)
    folder = find_platform(Path.cwd(), platform)
    printer = Printer(output, quiet)
    if html is not None and watch:
        raise UsageError(
            "--watch and --html don't go together",
            hint="To have pages that are always new, run it without --watch from cron or from CI.",
        )
    for given, name, command in (
        (drift, "--drift", "scaffold drift --all"),
        (upgrades, "--upgrades", "scaffold upgrade --all --dry-run"),
    ):
        if given and html is None:
            raise UsageError(
                f"{name} is for the pages of --html", hint=f"`{command}` tells it here."
            )
    show: Callable[[_Fleet], _Seen]
    show = partial(_table, choice=choice, sort=sort, whole=everything or bool(services))
    if html is not None:
        show = partial(_site, html=html, printer=printer, drift=drift, upgrades=upgrades)
    progress = partial(progress_bar, printer, "Looking")
    look = partial(_look, folder, services or [], choice, progress, stories=html is not None)
    if watch:
        _watch(lambda: show(look()), printer)
    seen = show(look())
    rows = (service_part(line) for line in seen.lines)
    printer.listing(seen.document, "services", rows, seen.text)
    if seen.errors:
        printer.fail(seen.errors)


@dataclass(frozen=True)
class _Fleet:
    """The services of a choice as they were at a moment."""

    platform: "PlatformRepo"
    now: datetime
    lines: "tuple[ServiceLine, ...]"


@dataclass(frozen=True)
class _Seen:
    """What one look found; the document has no services yet, which only programs want."""

    document: "StatusOutput"
    lines: "Sequence[ServiceLine]"
    text: "Iterable[str]"
    errors: tuple[str, ...]


def _look(
    folder: Path, services: list[str], choice: "Choice", progress: "Progress", *, stories: bool
) -> _Fleet:
    from scaffold.fleet.platform import open_platform
    from scaffold.status.services import status as look

    opened, now = open_platform(folder), datetime.now(UTC)
    lines = look(opened, services, now, choice, stories=stories, progress=progress)
    return _Fleet(opened, now, lines)


def _table(fleet: _Fleet, choice: "Choice", sort: Sort | None, *, whole: bool) -> _Seen:
    from scaffold.cli.status_text import status_text
    from scaffold.status.choice import EVERYTHING

    environments = tuple(one.name for one in fleet.platform.model.chain())
    shown = environments if choice.environment is None else (choice.environment,)
    text: Iterable[str] = ["No services yet." if choice == EVERYTHING else "No service fits."]
    if fleet.lines:
        text = status_text(fleet.lines, shown, fleet.now, whole=whole, sort=sort)
    return _seen(fleet, fleet.lines, text)


def _site(fleet: _Fleet, html: Path, printer: Printer, *, drift: bool, upgrades: bool) -> _Seen:
    """Write the site, and say where it is."""
    from scaffold.cli import status_compared as compared
    from scaffold.status.site.model import views
    from scaffold.status.site.site import More, site
    from scaffold.status.site.writing import write_site
    from scaffold.status.standing import in_order

    lines, platform = in_order(fleet.lines, "need"), fleet.platform
    shown = views(lines, platform.model, platform.catalog.services)
    more = More(
        compared.drifted(platform, lines, printer) if drift else None,
        compared.upgrades(platform, lines, printer) if upgrades else None,
    )
    write_site(html, site(shown, platform.model, fleet.now, more))
    counted = "service" if len(lines) == 1 else "services"
    return _seen(fleet, lines, [f"{len(lines):,} {counted}: {html / 'index.html'}"])


def _seen(fleet: _Fleet, lines: "Sequence[ServiceLine]", text: "Iterable[str]") -> _Seen:
    from scaffold.cli.status_document import status_document
    from scaffold.config.grant import clock
    from scaffold.fleet.grants import expired

    errors = tuple(f"{line.service}: {line.error}" for line in lines if line.error)
    over = expired(fleet.platform.tree, fleet.now)
    told = (
        f"expired: {one.told}, at {clock(one.until)}, and still there: does the bot run?"
        for one in over.values()
    )
    return _Seen(status_document(over, fleet.now), lines, chain(text, told), errors)


def _watch(look: Callable[[], _Seen], printer: Printer) -> NoReturn:
    """Look again and again. Raises UsageError where nobody is there to see it."""
    if not (printer.chatty and sys.stdout.isatty()):
        raise UsageError(
            "--watch is for a person at a terminal", hint="Call it without, as often as you like."
        )
    from rich.console import Console

    with suppress(KeyboardInterrupt):  # the one way to end it
        while True:
            lines = list(look().text)
            Console().clear()
            printer.say(*lines)
            time.sleep(_EVERY)
    raise typer.Exit
