"""`scaffold bot`: copies commit references forward."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.errors import EXIT_FAILED

if TYPE_CHECKING:
    from scaffold.chain.bot import PassReport
    from scaffold.model.outputs import BotOutput

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Copy commit references forward, from repo to repo and environment to environment.",
)


@app.callback()
def _bot() -> None:
    """Keep `run` a word of its own."""


@app.command("run")
def run_command(
    once: Annotated[bool, typer.Option("--once", help="One pass, then end.")] = False,
    interval: Annotated[
        float, typer.Option(metavar="S", min=1, help="Seconds between two passes.")
    ] = 60,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Look at all services and move every pin that is behind and may move.

    With --once the exit status is 1 where a service failed; the others were done all the same.
    """
    from scaffold.chain.loop import poll
    from scaffold.service.platform import find_platform

    folder = find_platform(Path.cwd(), platform)
    printer = Printer(output, quiet)
    if once:
        report = _pass(folder)
        printer.result(_document(report), _text(report))
        if report.failures:
            raise typer.Exit(EXIT_FAILED)
        return
    poll(lambda: _told(printer, _pass(folder)), interval=interval)


def _pass(folder: Path) -> "PassReport":
    """Read the platform afresh, and do one pass."""
    from scaffold.chain.bot import Bot
    from scaffold.git.transport import identity
    from scaffold.service.platform import open_platform

    opened = open_platform(folder)
    bot = Bot(opened.model, opened.services(), opened.forge, identity())
    return bot.run_pass(datetime.now(UTC))


def _told(printer: Printer, report: "PassReport") -> bool:
    """Print what a pass did, if it did anything; say whether it went well."""
    if report.moved or report.failures:
        printer.result(_document(report), _text(report))
    return not report.failures


def _document(report: "PassReport") -> "BotOutput":
    from scaffold.model.outputs import BotOutput, PropagationEvent, ServiceFailure

    return BotOutput(
        done=not report.failures,
        events=tuple(
            PropagationEvent(
                service=one.service,
                repo=one.repo,
                place=one.verdict.edge.place,
                why=one.verdict.why.value,
                commit=one.commit,
                next=one.verdict.desired,
                merge_request=one.url,
                detail=one.verdict.detail,
            )
            for one in report.events
            if one.verdict.why != "current"
        ),
        failures=tuple(
            ServiceFailure(service=one.service, cause=one.error.reference, message=str(one.error))
            for one in report.failures
        ),
    )


_DONE = {"move": "moved", "request": "merge request"}


def _text(report: "PassReport") -> Iterator[str]:
    for one in report.events:
        verdict = one.verdict
        if verdict.why == "current":
            continue
        done = _DONE.get(verdict.why, verdict.why.value)
        detail = one.url or verdict.detail
        line = f"{done:13}  {one.service} {verdict.edge.place}  {(verdict.desired or '')[:12]}"
        yield f"{line}  {detail}".rstrip()
    for failure in report.failures:
        yield f"failed         {failure.service}  [{failure.error.reference}] {failure.error}"
    if not report.moved and not report.failures:
        yield "Nothing to move."
