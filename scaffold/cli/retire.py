"""`scaffold retire`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.service.retirement import Retirement


def retire(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Which service.")],
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Delete what holds data, too, and namespaces.")
    ] = False,
    prod_first: Annotated[
        bool, typer.Option("--prod-first", help="Empty the last environment first.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Take a service away: a merge request empties its environments, then the catalog follows.

    Run it again after each step. A neighbour in the same namespace is never touched, and what
    holds data stays unless --delete-data says otherwise.
    """
    from scaffold.bot.passes import Bot
    from scaffold.documents.chain_outputs import RetireOutput
    from scaffold.fleet.checkout import behind
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.git.program import identity
    from scaffold.service.retire import retire as take_away
    from scaffold.service.retire import undo_retire
    from scaffold.service.retirement import Order

    opened = replace(open_platform(find_platform(Path.cwd(), platform)), dry_run=dry_run)
    entry = opened.catalog.need(service)
    author = identity()
    chain = Bot(opened.model, (entry,), opened.forge, author).chain(entry, {})
    if undo:
        done = undo_retire(opened, chain, author)
    else:
        done = take_away(opened, chain, Order(delete_data, prod_first), author)
    document = RetireOutput(
        service=service,
        stage=done.stage.value,
        dry_run=dry_run,
        detail=done.detail,
        merge_request=done.request.url if done.request else "",
        note=done.note,
    )
    options = {"--delete-data": delete_data, "--prod-first": prod_first, "--undo": undo}
    again = " ".join(["scaffold retire", service, *(one for one in options if options[one])])
    following = (behind(opened.folder), *_next(done, again))
    lines = _would(done) if dry_run else (_line(done), done.note, *following)
    Printer(output, quiet).result(document, filter(None, lines))


def _line(done: "Retirement") -> str:
    return f"{done.service} {done.stage}{f': {done.detail}' if done.detail else ''}"


def _would(done: "Retirement") -> Iterator[str]:
    """What the step would do, with the text of a merge request that it would open."""
    from scaffold.forge.pages import request_place

    yield f"The next step: {_line(done)}"
    if done.request is not None:
        yield f"Merge request: {request_place(done.request) or done.request.title}"
        yield from (f"  {line}".rstrip() for line in done.request.body.strip().splitlines())
    yield done.note
    yield "Nothing was changed: a dry run."


def _next(done: "Retirement", again: str) -> Iterator[str]:
    """Which commands come next; `again` is this one, whose options hold for the whole way."""
    from scaffold.forge.pages import has_page, request_place
    from scaffold.service.retirement import Stage

    if done.stage is Stage.DEPLOYING:
        yield f"Next: once it is green, {again}"
    if done.request is None:
        return
    where = request_place(done.request)
    if has_page(done.request):
        yield where
    steps = ["merge it" if has_page(done.request) else where]
    if done.stage is not Stage.UNDONE:
        steps.append(again)
    yield f"Next: {', then '.join(steps)}"
