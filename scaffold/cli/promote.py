"""`scaffold promote` and `scaffold pause`: what a person does to a chain."""

import difflib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer

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

    It does not wait for soak times and statuses, and it ends a hold.
    """
    from scaffold.chain.bot import Bot
    from scaffold.chain.decide import Judge
    from scaffold.chain.promote import plan_promotion
    from scaffold.chain.promote import promote as apply
    from scaffold.chain.propagate import Hands
    from scaffold.git.transport import identity
    from scaffold.model.outputs import PromoteOutput
    from scaffold.service.platform import find_platform, open_platform

    opened = open_platform(find_platform(Path.cwd(), platform))
    entry = opened.catalog.need(service)
    bot = Bot(opened.model, (entry,), opened.forge, identity())
    hands = Hands(opened.forge, opened.model, bot.author)
    judge = Judge(opened.model, opened.forge.statuses, datetime.now(UTC))
    plan = plan_promotion(bot.chain(entry, {}), to, judge, hands)
    printer = Printer(output, quiet)
    if plan is None:
        document = PromoteOutput(
            service=service, environment=to, old=None, new=None, merge_request="", diff=""
        )
        printer.result(document, [f"{to} has it already."])
        return
    lines = list(
        difflib.unified_diff(
            plan.before.splitlines(),
            plan.after.splitlines(),
            f"{to} now",
            f"{to} then",
            lineterm="",
        )
    )
    request = None if dry_run else apply(plan, hands)
    document = PromoteOutput(
        service=service,
        environment=to,
        old=plan.pinned,
        new=plan.desired,
        merge_request=request.url if request else "",
        diff="\n".join(lines),
    )
    done = "Nothing was changed: a dry run." if dry_run else f"{to} has {plan.desired[:12]} now."
    said = f"Merge request: {request.url}" if request else done
    printer.result(document, [*lines, "", said])


def pause(
    service: ServiceArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Let the bot go on.")] = False,
    platform: PlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Let the bot leave a service alone, until --undo."""
    from scaffold.service.change import set_paused
    from scaffold.service.platform import find_platform, open_platform

    opened = open_platform(find_platform(Path.cwd(), platform))
    request = set_paused(opened, service, paused=not undo)
    printer = Printer(Format.TABLE, quiet)
    if request:
        printer.say(f"Pending: {request.url}")
    else:
        printer.say(f"{service} {'goes on' if undo else 'is paused'}.")
