"""`scaffold bot`: copies commit references forward."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.bot_output import document, failures, lines, text
from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.errors import StoppedError, ToolMissingError, UsageError

if TYPE_CHECKING:
    from scaffold.bot.notify import Message
    from scaffold.bot.passes import Bot, PassReport
    from scaffold.bot.stopping import Stopping
    from scaffold.config.service import Service
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.status.site.live import LiveSite

_HERE = "127.0.0.1"
_PLATFORM_LIMIT = 300.0  # seconds


def run_command(
    once: Annotated[bool, typer.Option("--once", help="One pass, then end.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what one pass would do; change nothing, tell nobody."),
    ] = False,
    interval: Annotated[
        float, typer.Option(metavar="S", min=1, help="Seconds between two passes.")
    ] = 60,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Look at all services and move every pin that is behind and may move.

    With --once or --dry-run the exit status is 1 where a service failed; the others were done all
    the same. Without them, what a pass brings that the one before had not is printed: as text on a
    terminal, else as JSON, one object a line.
    """
    from scaffold.bot.loop import poll
    from scaffold.bot.stopping import Stopping
    from scaffold.fleet.platform import find_platform

    folder = find_platform(Path.cwd(), platform)
    stopping = Stopping()
    stopping.listen()
    if once or dry_run:
        report, untold = _one_pass(folder, stopping, dry_run=dry_run)
        printer = Printer(output, quiet)
        printer.result(
            document(report, untold, dry_run=dry_run), text(report, untold, dry_run=dry_run)
        )
        if stopping.asked:
            raise StoppedError("the pass was stopped", hint="The next one goes on from here.")
        if report.failures:
            printer.fail(failures(report))
        return
    printer = Printer(output, quiet)
    passes = _passes(folder, stopping)
    to_a_person = output is Format.TABLE and sys.stdout.isatty()
    run_pass = _shown(passes, printer) if to_a_person else _logged(passes)
    poll(lambda: _went_well(run_pass), interval=interval, stopping=stopping)


def serve_command(
    port: Annotated[
        int, typer.Option(metavar="P", min=0, max=65535, help="Where to listen; 0 is any.")
    ] = 8080,
    host: Annotated[
        str, typer.Option(metavar="H", help="The address to listen on; 0.0.0.0 is all.")
    ] = _HERE,
    interval: Annotated[
        float, typer.Option(metavar="S", min=1, help="Seconds between two passes over all.")
    ] = 300,
    pages_port: Annotated[
        int | None,
        typer.Option(
            metavar="P",
            min=0,
            max=65535,
            help="Where to show what `status --html` writes, too, on 127.0.0.1 alone; 0 is any.",
        ),
    ] = None,
    platform: PlatformOption = None,
) -> None:
    """Listen for webhooks of GitLab, GitHub and Gitea, and look at the service that each is about.

    They are signed with the secret in SCAFFOLD_WEBHOOK_SECRET. /healthz and /metrics answer, too.
    With --pages-port the pages of all services are shown, made anew with each pass: on this machine
    alone, so that a proxy which asks who somebody is shows them to others.
    """
    from scaffold.bot.stopping import Stopping
    from scaffold.fleet.platform import find_platform

    secret = os.environ.get("SCAFFOLD_WEBHOOK_SECRET", "")
    if not secret:
        raise UsageError(
            "there is no secret to check webhooks with", hint="Set SCAFFOLD_WEBHOOK_SECRET."
        )
    folder = find_platform(Path.cwd(), platform)
    try:
        from scaffold.bot.serve import BotServer, Pages, Place, Work
    except ModuleNotFoundError as error:
        raise ToolMissingError(
            f"the Python package `{error.name}` is not installed",
            hint='Run: pip install "scaffold-blueprints[bot]"',
        ) from error
    stopping = Stopping()
    stopping.listen()
    run_pass, pages = _logged(_passes(folder, stopping)), None
    if pages_port is not None:
        from scaffold.status.site.live import LiveSite

        live = LiveSite()
        run_pass = _with_pages(run_pass, folder, live, stopping)
        pages = Pages(Place(_HERE, pages_port), lambda: live.pages)
    work = Work(run_pass, lambda: _services(folder))
    place = Place(host, port)
    BotServer(work, stopping, place, secret=secret, interval=interval, pages=pages).serve()


RunPass = Callable[[frozenset[str] | None], "PassReport"]


def _open(folder: Path) -> "PlatformRepo":
    from scaffold.deadline import within
    from scaffold.fleet.platform import open_platform

    with within(_PLATFORM_LIMIT, "the platform"):
        return open_platform(folder)


def _services(folder: Path) -> "tuple[Service, ...]":
    return tuple(_open(folder).catalog.services.values())


def _bot(opened: "PlatformRepo") -> "Bot":
    from scaffold.bot.passes import Bot
    from scaffold.git.program import identity

    services = tuple(opened.catalog.services.values())
    return Bot(opened.model, services, opened.forge, identity(), opened.catalog.invalid)


def _messages(report: "PassReport", opened: "PlatformRepo") -> "list[Message]":
    from scaffold.bot.links import Links
    from scaffold.bot.notify import messages

    return list(messages(report, Links.of(opened.model, opened.catalog.services)))


def _passes(folder: Path, stopping: "Stopping") -> RunPass:
    """A function that reads the platform afresh, does one pass, and tells Slack if that is on."""
    from scaffold.bot.passes import pass_over
    from scaffold.bot.platform import PlatformSync
    from scaffold.bot.slack import slack_from_environment

    slack_of = cache(slack_from_environment)
    sync = PlatformSync()

    def run_pass(only: frozenset[str] | None) -> "PassReport":
        opened = _open(folder)
        bot, now = _bot(opened), datetime.now(UTC)
        if only is None:
            report = pass_over(opened, sync, bot, now, lambda: stopping.asked)
        else:
            report = bot.run_pass(now, only, lambda: stopping.asked)
        if (slack := slack_of(opened.url)) is not None:
            slack.tell(_messages(report, opened), report.looked_at)
        return report

    return run_pass


def _one_pass(
    folder: Path, stopping: "Stopping", *, dry_run: bool
) -> "tuple[PassReport, tuple[str, ...]]":
    """A pass, or what it would do, with what Slack would be told."""
    from scaffold.bot.passes import pass_over
    from scaffold.bot.platform import PlatformSync
    from scaffold.bot.slack import slack_from_environment

    if not dry_run:
        return _passes(folder, stopping)(None), ()
    opened = replace(_open(folder), dry_run=True)
    now = datetime.now(UTC)
    report = pass_over(opened, PlatformSync(), _bot(opened), now, lambda: stopping.asked)
    slack = slack_from_environment(opened.url)
    if slack is None:
        return report, ()
    return report, slack.untold(_messages(report, opened), report.looked_at)


def _logged(run_pass: RunPass) -> RunPass:
    """The same, with what it did in the log."""
    from scaffold.bot.logs import log_as_json, log_report
    from scaffold.bot.news import News

    log_as_json()
    news = News()

    def logged(only: frozenset[str] | None) -> "PassReport":
        report = run_pass(only)
        log_report(news.of(report))
        return report

    return logged


def _with_pages(run_pass: RunPass, folder: Path, live: "LiveSite", stopping: "Stopping") -> RunPass:
    """The same, after which pages are made of what it looked at; where that fails, the log says."""
    from scaffold.bot.logs import log_failed_pages

    def shown(only: frozenset[str] | None) -> "PassReport":
        report = run_pass(only)
        if stopping.asked:
            return report
        try:
            live.look(_open(folder), only, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - the bot goes on, whatever pages die of
            log_failed_pages(error)
        return report

    return shown


def _shown(run_pass: RunPass, printer: Printer) -> RunPass:
    """The same, with what it did as lines for a person, each with the time of day."""
    from scaffold.bot.news import News

    news = News()
    printer.say("Ctrl-C ends it.")

    def shown(only: frozenset[str] | None) -> "PassReport":
        report = run_pass(only)
        time = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the clock of who reads it
        printer.say(*(f"{time}  {line}" for line in lines(news.of(report))))
        return report

    return shown


def _went_well(run_pass: RunPass) -> bool:
    """Do a pass; one that fails as a whole is logged, and the next one comes later."""
    from scaffold.bot.logs import log_failed_pass

    try:
        return not run_pass(None).failures
    except Exception as error:  # noqa: BLE001 - the bot outlives whatever a pass dies of
        log_failed_pass(error)
        return False
