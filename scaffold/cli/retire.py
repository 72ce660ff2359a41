"""`scaffold retire`."""

from pathlib import Path
from typing import Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer


def retire(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Which service.")],
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Delete what holds data, too, and namespaces.")
    ] = False,
    prod_first: Annotated[
        bool, typer.Option("--prod-first", help="Empty the last environment first.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back.")] = False,
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
    from scaffold.fleet.platform import find_platform, open_platform
    from scaffold.git.program import identity
    from scaffold.service.retire import retire as take_away
    from scaffold.service.retire import undo_retire
    from scaffold.service.retirement import Order

    opened = open_platform(find_platform(Path.cwd(), platform))
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
        detail=done.detail,
        merge_request=done.request.url if done.request else "",
        note=done.note,
    )
    detail = f": {done.detail}" if done.detail else ""
    lines = (f"{service} {done.stage}{detail}", document.merge_request, done.note)
    Printer(output, quiet).result(document, filter(None, lines))
