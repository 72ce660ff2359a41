"""`scaffold promote` and `scaffold pause`: what a person does to a chain."""

import difflib
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.errors import UsageError

if TYPE_CHECKING:
    from scaffold.chain.promote import PromotionPlan
    from scaffold.chain.proposals import WriteContext
    from scaffold.documents.chain_outputs import PromoteOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.forge.api import MergeRequest

_SCREEN = 40  # lines of a difference
ServiceArgument = Annotated[str, typer.Argument(metavar="SERVICE", help="Which service.")]


def promote(
    service: ServiceArgument,
    to: Annotated[str, typer.Option("--to", metavar="ENV", help="Which environment gets it.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
    request: Annotated[
        bool, typer.Option("--request", help="Open a merge request in place of a push.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Go past policy without being asked.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Give an environment what the one before it has, and show what that changes.

    Where the bot would wait (for a merge request, a soak time, a status, the end of a hold or a
    freeze), it says so and asks on a terminal; elsewhere --force is needed. Where main takes no
    push, it opens a merge request.
    """
    from scaffold.bot.passes import Bot
    from scaffold.chain.decide import Judge
    from scaffold.chain.promote import plan_promotion
    from scaffold.chain.propagate import WriteContext
    from scaffold.config.service import ServiceState
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.git.program import identity

    if request and force:
        raise UsageError("--request goes past no policy: give it or --force")
    opened = open_platform(find_platform(Path.cwd(), platform))
    entry = opened.catalog.need(service)
    if entry.state is ServiceState.RETIRED:
        raise UsageError(
            f"{service} is retired, so nothing is promoted",
            hint=f"Bring it back with: scaffold retire {service} --undo",
        )
    bot = Bot(opened.model, (entry,), opened.forge, identity())
    context = WriteContext(opened.forge, opened.model, bot.author)
    judge = Judge(opened.model, opened.forge.statuses, datetime.now(UTC))
    plan = plan_promotion(bot.chain(entry, {}), to, judge, context)
    printer = Printer(output, quiet)
    if plan is None:
        printer.result(_document(service, to, None, None), [f"{to} has it already."])
        return
    printer.say(*_shown(plan, whole=dry_run))
    done = None
    if not dry_run:
        _decide(plan, printer, request=request, force=force)
        done = _apply(plan, opened, context, request=request)
    # Whoever merges the request decides.
    document = _document(service, to, plan, done, past=() if done or request else plan.past)
    printer.result(document, _outcome(document, done, dry_run=dry_run))


def _decide(plan: "PromotionPlan", printer: Printer, *, request: bool, force: bool) -> None:
    """Have a person decide to go past policy. Raises UsageError where nobody is there to."""
    from scaffold.chain.promote import HOLD

    if request and HOLD in plan.past:
        raise UsageError(
            "a merge request ends no hold: the bot would close it",
            hint="Give --force in its place, which ends the hold.",
        )
    if request or force or not plan.past:
        return
    past = [f"It would go past policy: {one}." for one in plan.past]
    if not (printer.chatty and sys.stdin.isatty()):
        raise UsageError(
            "that would go past policy, and nobody can be asked",
            details=past,
            hint="Give --force to do it all the same, or --request to open a merge request.",
        )
    from scaffold.cli.prompts import decide

    printer.say(*past)
    if not decide(f"Promote to {plan.edge.place} all the same?"):
        printer.say("Nothing was changed.")
        raise typer.Exit


def _apply(
    plan: "PromotionPlan", opened: "PlatformRepo", context: "WriteContext", *, request: bool
) -> "MergeRequest | None":
    """Do it, and tell Slack as the bot does."""
    from scaffold.bot.links import Links
    from scaffold.bot.notify import messages
    from scaffold.bot.passes import PassReport
    from scaffold.bot.slack import slack_from_environment
    from scaffold.chain import promote

    done = promote.request(plan, context) if request else promote.promote(plan, context)
    if (slack := slack_from_environment(opened.url)) is not None:
        event = promote.event(plan, context.author.name, done)
        links = Links.of(opened.model, opened.catalog.services)
        found = messages(PassReport((event,), ()), links)
        # Each time is news, also that of a release which the bot once told of.
        slack.tell([replace(one, key=f"{one.key} {event.commit}") for one in found], ())
    return done


def _document(
    service: str,
    to: str,
    plan: "PromotionPlan | None",
    done: "MergeRequest | None",
    past: tuple[str, ...] = (),
) -> "PromoteOutput":
    from scaffold.cli.notes import notes_part
    from scaffold.documents.chain_outputs import PromoteOutput

    return PromoteOutput(
        service=service,
        environment=to,
        old=plan.pinned if plan else None,
        new=plan.desired if plan else None,
        merge_request=done.url if done else "",
        release_notes=notes_part(plan.notes if plan else None),
        diff="\n".join(_diff(plan)) if plan else "",
        past_policy=past,
    )


def _diff(plan: "PromotionPlan") -> Iterator[str]:
    before, after = plan.before.splitlines(), plan.after.splitlines()
    place = plan.edge.place
    return difflib.unified_diff(before, after, f"{place} now", f"{place} then", lineterm="")


def _shown(plan: "PromotionPlan", *, whole: bool) -> Iterator[str]:
    """What comes; of a long difference a screen, so that the decision is not below pages of it."""
    from scaffold.chain.notes_text import plain_lines

    yield from plain_lines(plan.notes)
    yield ""
    lines = list(_diff(plan))
    shown = lines if whole else lines[:_SCREEN]
    yield from shown
    if len(shown) < len(lines):
        yield f"... {len(lines) - len(shown):,} more lines: --dry-run shows all"
    yield ""


def _outcome(
    document: "PromoteOutput", done: "MergeRequest | None", *, dry_run: bool
) -> Iterator[str]:
    from scaffold.forge.pages import request_place

    if done:
        yield f"Merge request: {request_place(done)}"
    elif dry_run:
        yield "Nothing was changed: a dry run."
    else:
        yield f"{document.environment} has {(document.new or '')[:12]} now."
    for one in document.past_policy:
        yield f"It {'would go' if dry_run else 'went'} past policy: {one}."


def pause(
    service: ServiceArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Let the bot go on.")] = False,
    platform: PlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Let the bot leave a service alone, until --undo."""
    from scaffold.fleet.change import set_paused
    from scaffold.fleet.checkout import behind
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.forge.pages import request_place

    opened = open_platform(find_platform(Path.cwd(), platform))
    printer = Printer(Format.TABLE, quiet)
    if opened.catalog.need(service).paused is not undo:
        printer.say(f"{service} {'is not paused' if undo else 'is paused already'}.")
        return
    request = set_paused(opened, service, paused=not undo)
    if request:
        printer.say(f"Pending: {request_place(request)}")
    else:
        printer.say(f"{service} {'goes on' if undo else 'is paused'}.")
        printer.say(*filter(None, [behind(opened.folder)]))
