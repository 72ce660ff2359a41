"""`scaffold new service`."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.answers import answers_in, parse_pairs
from scaffold.cli.options import (
    DataFileOption,
    DataOption,
    Format,
    OutputOption,
    PlatformOption,
    QuietOption,
)
from scaffold.cli.output import Printer, check_results, failed_lines
from scaffold.cli.stopping import stopped_means
from scaffold.errors import AnswerError, PlatformNotFoundError, StoppedError

if TYPE_CHECKING:
    from scaffold.documents.outputs import NewServiceOutput
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.forge.api import MergeRequest
    from scaffold.service.ci_values import Given
    from scaffold.service.plan import NewService

# Answers that are long and were given by the platform.
_NOT_SHOWN = frozenset({"siblings", "environments", "repo", "service"})


def service(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The service's name.")] = None,
    blueprint: Annotated[
        str | None,
        typer.Option(metavar="B", help="Which blueprint: NAME, or NAME@VERSION."),
    ] = None,
    data: DataOption = None,
    data_file: DataFileOption = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing; what is not given gets its default.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Render, check and show; create nothing.")
    ] = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="Let the blueprint run its tasks and extensions.")
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Make the paired repos of a service and register it in the catalog.

    All of them are rendered and checked before anything is created; a run that was killed is
    finished by running it again.
    """
    from scaffold.git.program import identity
    from scaffold.git.scratch import scratch_folder
    from scaffold.service.names import check_new_name
    from scaffold.service.plan import (
        assemble_service,
        blueprint_summaries,
        check_service,
        pick_blueprint,
    )

    printer = Printer(output, quiet)
    asking = not defaults and sys.stdin.isatty()
    given = _given(name, data or [], data_file)
    opened = _open_platform(platform, asking=asking)
    if "service" in given:
        check_new_name(opened, str(given["service"]))  # before anybody is asked anything
    chosen, _, version = (blueprint or "").partition("@")
    if asking and not chosen:
        with printer.busy("Reading"):
            summaries = blueprint_summaries(opened)
        chosen = _prompts().pick_blueprint(summaries)
    with scratch_folder() as scratch:
        picked = pick_blueprint(opened, chosen or None, version or None, scratch)
        if "service" not in given:
            if not asking:
                raise AnswerError(
                    "the service has no name", hint="Give one: scaffold new service NAME"
                )
            given["service"] = _prompts().ask_name(opened, picked)
        with stopped_means("nothing was created"):
            plan = assemble_service(
                opened,
                picked,
                given,
                wanted_version=version or None,
                prompt=None if defaults else _prompts().make_prompt(opened, asking=asking),
                author=identity(),
                scratch=scratch,
                busy=printer.busy,
                trust=trust,
            )
            with printer.busy("Checking"):
                plan = replace(plan, report=check_service(plan, scratch))
        if dry_run:
            _show(opened, plan, printer)
            return
        if asking:
            typer.echo("\n".join(_summary(plan)))
            if not _prompts().confirm("Create these?"):
                raise StoppedError("nothing was created")
        _create(opened, plan, printer, shown=asking)


def _show(opened: "PlatformRepo", plan: "NewService", printer: Printer) -> None:
    """What would be created, and what the checks say of it."""
    calls = _calls(opened, plan)
    document = _document(plan, created=False, request=None, calls=calls)
    printer.result(document, _preview(plan, calls))
    if not plan.report.ok:
        printer.fail(failed_lines(plan.report))


def _create(opened: "PlatformRepo", plan: "NewService", printer: Printer, *, shown: bool) -> None:
    """Create the service; whoever was shown the checks, to confirm, is not shown them again."""
    from scaffold.fleet.checkout import behind
    from scaffold.service.ci_needs import missing_of_new
    from scaffold.service.ci_values import set_missing_of_new
    from scaffold.service.create import create_service

    with ExitStack() as creating:
        with printer.busy("Creating"):
            request = creating.enter_context(create_service(opened, plan))
            values = tuple(set_missing_of_new(opened, plan))
            lacks = missing_of_new(opened, plan)
        document = _document(plan, created=True, request=request, missing=lacks, values=values)
        lines = [*([] if shown else _checks(plan)), *_done(plan, request)]
        printer.result(document, [*lines, *_of_values(values), *_still_to_set(lacks)])
        printer.say(*filter(None, [behind(opened.folder)]))


def _open_platform(given: Path | None, *, asking: bool) -> "PlatformRepo":
    """The platform; where there is none, a person is offered to make one."""
    from scaffold.fleet.platform import find_platform, open_platform

    try:
        return open_platform(find_platform(Path.cwd(), given))
    except PlatformNotFoundError:
        if given is not None or not asking:
            raise
    from scaffold.cli.start import make_platform

    folder = _prompts().offer_platform()
    made = make_platform(folder, asking=True)
    typer.echo(f"Made the platform {made.platform}\n")
    return open_platform(made.platform)


def _prompts() -> ModuleType:
    """Load questionary only where somebody is asked."""
    from scaffold.cli import prompts

    return prompts


def _document(
    plan: "NewService",
    *,
    created: bool,
    request: "MergeRequest | None",
    calls: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    values: "tuple[Given, ...]" = (),
) -> "NewServiceOutput":
    from scaffold.cli.ci_values import values_part
    from scaffold.documents.outputs import BlueprintRef, CreatedRepo, NewServiceOutput, Registration

    registration = Registration.PENDING if request else Registration.REGISTERED
    version = plan.blueprint
    return NewServiceOutput(
        service=plan.service.name,
        owner=plan.service.owner,
        blueprint=BlueprintRef(name=version.model.name, url=version.url, version=version.version),
        created=created,
        registration=registration if created else Registration.NONE,
        merge_request=request.url if request else None,
        repos=tuple(
            CreatedRepo(
                repo=one.repo,
                name=one.name,
                url=one.url,
                commit=one.commit,
                resumed=one.there,
                files=tuple(sorted(one.tree)),
            )
            for one in plan.repos
        ),
        checks=check_results(plan.report),
        calls=calls,
        missing=missing,
        values=values_part(values),
    )


def _calls(platform: "PlatformRepo", plan: "NewService") -> tuple[str, ...]:
    """What would be asked of the forge, in order."""
    from scaffold.service.ci_values import calls_of_new
    from scaffold.service.reservation import reservation_branch
    from scaffold.service.steps import steps

    name = plan.service.name
    branch = reservation_branch(name)
    return (
        f"reserve the name {name}: push the branch {branch} of the platform repo",
        *(step.said for step in steps(platform, plan)),
        f"register {name} in the platform repo",
        f"delete the branch {branch} of the platform repo",
        *calls_of_new(platform, plan),
    )


def _of_values(values: "tuple[Given, ...]") -> Iterator[str]:
    if values:
        yield "\nFor its pipelines:"
        yield from (f"  {one.said}" for one in values)


def _still_to_set(missing: tuple[str, ...]) -> Iterator[str]:
    if missing:
        yield "\nIts pipelines need secrets and variables that the forge does not have yet:"
        yield from (f"  {line}" for line in missing)
        yield "Set them there; `scaffold check --secrets` looks again."


def _checks(plan: "NewService") -> Iterator[str]:
    """What was left out or not run, what did not pass, and the count."""
    for one in plan.repos:
        for path in one.left_out:
            yield f"left out  {one.name}/{path}: the blueprint's own .gitignore names it"
        for command in one.not_run:
            yield f"not run  {one.name}: a task of the blueprint, which is code: {command}"
    if any(one.not_run for one in plan.repos):
        yield "To run tasks: give --trust, or name the blueprint in platform.yml under `trusted`."
    for result in plan.report.results:
        if result.outcome != "passed":
            yield from result.lines
    yield plan.report.count


def _preview(plan: "NewService", calls: tuple[str, ...]) -> Iterator[str]:
    """What would be created, for `--dry-run`, and every call that would do it."""
    for one in plan.repos:
        yield f"{one.name}: {len(one.tree)} files"
        for path in sorted(one.tree):
            yield f"  {path}"
    yield f"platform: {len(plan.access) + 1} files"
    for path in sorted([*plan.access, f"services/{plan.service.name}.yml"]):
        yield f"  {path}"
    yield "What would be done on the forge:"
    yield from (f"  {call}" for call in calls)
    yield ""
    yield from _checks(plan)
    yield "Nothing was created: a dry run."


def _summary(plan: "NewService") -> Iterator[str]:
    """What a person confirms."""
    yield f"\n{plan.service.name}, from {plan.blueprint.model.name} {plan.blueprint.version}:"
    for key, value in plan.answers.items():
        if key not in _NOT_SHOWN:
            yield f"  {key:16} {value}"
    yield "Repos:"
    for one in plan.repos:
        there = " (there already: left by a run that did not finish)" if one.there else ""
        yield f"  {one.url}{there}"
    yield from _checks(plan)


def _done(plan: "NewService", request: "MergeRequest | None") -> Iterator[str]:
    from scaffold.forge.pages import request_place

    if plan.resumed:
        names = ", ".join(one.name for one in plan.resumed)
        yield f"Finished an earlier run, which had made {names}."
    yield f"\nCreated {plan.service.name}, owned by {plan.service.owner}:"
    for one in plan.repos:
        yield f"  {one.repo:10} {one.url}"
    if request is not None:
        where = request_place(request)
        yield f"Pending: it is registered once this merge request is merged: {where}"
    yield f"\nNext: git clone {plan.repos[0].url}"


def _given(name: str | None, pairs: list[str], file: Path | None) -> dict[str, Any]:
    given = {**(answers_in(file) if file is not None else {}), **parse_pairs(pairs)}
    if name is not None:
        given["service"] = name
    return given
