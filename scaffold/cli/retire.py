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
    environments = entry.repos[chain.environments[0].down].name if chain.environments else ""
    following = (behind(opened.folder), _next(done, opened.model.forge.kind, environments))
    lines = (
        _would(done) if dry_run else (_line(done), document.merge_request, done.note, *following)
    )
    Printer(output, quiet).result(document, filter(None, lines))


def _line(done: "Retirement") -> str:
    return f"{done.service} {done.stage}{f': {done.detail}' if done.detail else ''}"


def _would(done: "Retirement") -> Iterator[str]:
    """What the step would do, with the text of a merge request that it would open."""
    yield f"The next step: {_line(done)}"
    if done.request is not None:
        yield f"Merge request: {done.request.url or done.request.title}"
        yield from (f"  {line}".rstrip() for line in done.request.body.strip().splitlines())
    yield done.note
    yield "Nothing was changed: a dry run."


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
