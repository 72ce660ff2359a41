"""`scaffold retire`."""

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
    environments = entry.repos[chain.environments[0].down].name if chain.environments else ""
    following = _next(done, opened.model.forge.kind, environments)
    told = (document.merge_request, done.note, behind(opened.folder), following)
    lines = (f"{service} {done.stage}{detail}", *told)
    Printer(output, quiet).result(document, filter(None, lines))


def _next(done: "Retirement", kind: str, environments: str) -> str:
    """Which command comes next; on a forge in a folder also the one that merges."""
    from scaffold.config.platform import PLATFORM_REPO
    from scaffold.service.retirement import Stage

    again = "" if done.stage is Stage.UNDONE else f"scaffold retire {done.service}"
    if done.stage is Stage.DEPLOYING:
        return f"Next: once it is green, {again}"
    if done.request is None:
        return ""
    repo = PLATFORM_REPO if done.stage is Stage.PENDING else environments
    merge = f"scaffold merge-request merge {repo} {done.request.number}"
    steps = (merge if kind == "local" else "merge it", again)
    return f"Next: {', then '.join(filter(None, steps))}"
