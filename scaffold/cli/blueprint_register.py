"""`scaffold blueprint register`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import (
    Format,
    OutputOption,
    PlatformOption,
    QuietOption,
    find_folder,
)
from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.authoring.register import Registration
    from scaffold.forge.api import MergeRequest


def register_command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A checkout of the blueprint.")
    ] = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Put a blueprint on the forge and into platform.yml, so that services can be made from it.

    Its repo is made, main and its versions are pushed, and the platform's first team gets its roles
    there. It is named in platform.yml by a commit on the platform's main; where that takes no push,
    by a merge request. What is so already is left as it is.
    """
    from scaffold.authoring.register import plan_registration, register
    from scaffold.documents.authoring_outputs import RegisterBlueprintOutput
    from scaffold.fleet.platform import find_platform, open_platform

    folder = find_folder(directory)
    home = replace(open_platform(find_platform(folder, platform)), dry_run=dry_run)
    plan = plan_registration(home, folder)
    request = register(plan)
    document = RegisterBlueprintOutput(
        name=plan.blueprint.name,
        url=plan.url,
        calls=tuple(one.to_do for one in plan.deeds),
        new=bool(plan.deeds),
        dry_run=dry_run,
        merge_request=request.url if request else "",
    )
    Printer(output, quiet).result(document, _text(plan, request))


def _text(plan: "Registration", request: "MergeRequest | None") -> Iterator[str]:
    from scaffold.forge.pages import request_place

    name, dry_run = plan.blueprint.name, plan.platform.dry_run
    if not plan.deeds:
        yield f"{name} was registered before; nothing was changed."
    for deed in plan.deeds[: -1 if request else None]:
        yield deed.to_do if dry_run else deed.done
    if request:
        yield (
            f"propose to {plan.deeds[-1].to_do}"
            if dry_run
            else (f"proposed to {plan.deeds[-1].to_do}: {request_place(request)}")
        )
    yield ""
    if dry_run:
        yield "Nothing was changed: a dry run."
    else:
        when = "Next, once that is merged" if request else "Next"
        yield f"{when}: scaffold new service --blueprint {name}"
