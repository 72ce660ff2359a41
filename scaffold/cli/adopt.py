"""`scaffold adopt`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer, path_notes
from scaffold.errors import EXIT_FAILED, PlatformNotFoundError, UsageError

if TYPE_CHECKING:
    from scaffold.service.platform import PlatformRepo
    from scaffold.upgrade.remote import Remote


def adopt(
    target: Annotated[
        str, typer.Argument(metavar="PATH_OR_URL", help="A repo, or a folder in one.")
    ],
    blueprint: Annotated[
        str, typer.Option(metavar="B", help="NAME or NAME@VERSION of the platform, or a URL.")
    ],
    as_repo: Annotated[
        str | None,
        typer.Option("--as", metavar="REPO", help="Which of the paired repos it is."),
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="An answer; can be given often.")
    ] = None,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Link a repo that was made by hand to a blueprint, as a merge request.

    What is equal passes; what differs is a conflict to look at, and the exit status is 1.
    """
    from scaffold.blueprint.templates import TemplateRepo
    from scaffold.cli.new import parse_pairs
    from scaffold.git.scratch import scratch_folder
    from scaffold.git.transport import identity
    from scaffold.upgrade.adopt import Adoption, plan_adoption
    from scaffold.upgrade.branch import apply_upgrade, look
    from scaffold.upgrade.remote import open_remote
    from scaffold.upgrade.select import repo_unit

    opened = _platform(platform)
    url, version = _source(opened, blueprint)
    answers: dict[str, Any] = parse_pairs(data or [])
    if as_repo:
        answers["repo"] = as_repo
    repo = repo_unit(target).repos[0]
    with scratch_folder() as scratch:
        remote = open_remote(repo, scratch, opened.forge if opened else None)
        remote = _on_forge(remote, opened)
        adoption = Adoption(TemplateRepo(url, scratch), version, answers)
        plan = plan_adoption(remote.project(repo.folder), adoption, scratch)
        done = apply_upgrade(plan, remote, look(plan, remote), identity())
    request = done.request.url if done.request else ""
    lines = [f"{one.kind:20} {one.path}" for one in plan.merged.decisions]
    lines += [f"conflict             {one.path}: {one.kind}" for one in plan.merged.conflicts]
    lines += ["", f"{done.would}  {done.branch}  {request}".rstrip()]
    Printer(output, quiet).result(_document(plan, done.branch, request), lines)
    if plan.merged.conflicts:
        raise typer.Exit(EXIT_FAILED)


def _platform(given: Path | None) -> "PlatformRepo | None":
    """The platform, where there is one; a repo can be adopted without."""
    from scaffold.service.platform import find_platform, open_platform

    try:
        return open_platform(find_platform(Path.cwd(), given))
    except PlatformNotFoundError:
        if given is not None:
            raise
        return None


def _source(platform: "PlatformRepo | None", blueprint: str) -> tuple[str, str | None]:
    """The URL of a blueprint, and the version that is asked for."""
    name, _, version = blueprint.partition("@")
    known = {one.name: one.url for one in platform.model.blueprints} if platform else {}
    if name in known:
        return known[name], version or None
    if "/" not in blueprint:
        there = ", ".join(known) or "none: there is no platform here"
        raise UsageError(f"there is no blueprint `{name}`", hint=f"There are: {there}.")
    return blueprint, None


def _on_forge(remote: "Remote", platform: "PlatformRepo | None") -> "Remote":
    """A repo that is not on the platform's forge gets a branch and no merge request."""
    from dataclasses import replace

    on_it = platform is not None and platform.forge.url(remote.name) in {
        remote.url,
        f"file://{remote.url}",
    }
    return remote if on_it else replace(remote, forge=None)


def _document(plan: Any, branch: str, request: str) -> Any:
    from scaffold.model.outputs import AdoptOutput

    return AdoptOutput(
        repo=plan.project.name,
        template=plan.template,
        new=plan.new.name,
        branch=branch,
        merge_request=request,
        decisions=path_notes(plan.merged.decisions),
        conflicts=path_notes(plan.merged.conflicts),
    )
