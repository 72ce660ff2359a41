"""`scaffold promote` and `scaffold pause`: what a person does to a chain."""

import difflib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.chain.promote import PromotionPlan
    from scaffold.documents.chain_outputs import PromoteOutput

ServiceArgument = Annotated[str, typer.Argument(metavar="SERVICE", help="Which service.")]


def promote(
    service: ServiceArgument,
    to: Annotated[str, typer.Option("--to", metavar="ENV", help="Which environment gets it.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Give an environment what the one before it has, and show what that changes.

    It asks nobody, waits for no soak time, status or merge request, and ends a hold: a person
    decided. What policy it went past is told. Where main takes no push, it opens a merge request.
    """
    from scaffold.bot.passes import Bot
    from scaffold.chain.decide import Judge
    from scaffold.chain.promote import plan_promotion
    from scaffold.chain.promote import promote as apply
    from scaffold.chain.propagate import WriteContext
    from scaffold.cli.notes import notes_part
    from scaffold.documents.chain_outputs import PromoteOutput
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.git.program import identity

    opened = open_platform(find_platform(Path.cwd(), platform))
    entry = opened.catalog.need(service)
    bot = Bot(opened.model, (entry,), opened.forge, identity())
    context = WriteContext(opened.forge, opened.model, bot.author)
    judge = Judge(opened.model, opened.forge.statuses, datetime.now(UTC))
    plan = plan_promotion(bot.chain(entry, {}), to, judge, context)
    printer = Printer(output, quiet)
    if plan is None:
        document = PromoteOutput(
            service=service, environment=to, old=None, new=None, merge_request="", diff=""
        )
        printer.result(document, [f"{to} has it already."])
        return
    request = None if dry_run else apply(plan, context)
    document = PromoteOutput(
        service=service,
        environment=to,
        old=plan.pinned,
        new=plan.desired,
        merge_request=request.url if request else "",
        release_notes=notes_part(plan.notes),
        diff="\n".join(_diff(plan)),
        past_policy=() if request else plan.past,  # whoever merges the request decides
    )
    printer.result(document, _text(plan, document, dry_run=dry_run))


def _diff(plan: "PromotionPlan") -> Iterator[str]:
    before, after = plan.before.splitlines(), plan.after.splitlines()
    place = plan.edge.place
    return difflib.unified_diff(before, after, f"{place} now", f"{place} then", lineterm="")


def _text(plan: "PromotionPlan", document: "PromoteOutput", *, dry_run: bool) -> Iterator[str]:
    from scaffold.chain.notes_text import plain_lines

    yield from plain_lines(plan.notes)
    yield ""
    yield from document.diff.splitlines()
    yield ""
    if document.merge_request:
        yield f"Merge request: {document.merge_request}"
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
    from scaffold.fleet.platform import find_platform, open_platform

    opened = open_platform(find_platform(Path.cwd(), platform))
    request = set_paused(opened, service, paused=not undo)
    printer = Printer(Format.TABLE, quiet)
    if request:
        printer.say(f"Pending: {request.url}")
    else:
        printer.say(f"{service} {'goes on' if undo else 'is paused'}.")
