"""`scaffold new service`."""

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.errors import AnswerError, StoppedError

if TYPE_CHECKING:
    from scaffold.service.new import NewService

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Make something new.")


@app.callback()
def _new() -> None:
    """Keep `service` a word of its own."""


@app.command()
def service(
    name: Annotated[str | None, typer.Argument(help="The service's name.")] = None,
    blueprint: Annotated[
        str | None, typer.Option(help="Which blueprint; NAME or NAME@VERSION.")
    ] = None,
    data: Annotated[list[str] | None, typer.Option(metavar="K=V", help="An answer.")] = None,
    data_file: Annotated[Path | None, typer.Option(help="A YAML file of answers.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the trees only.")] = False,
    platform: Annotated[Path | None, typer.Option(help="The platform's checkout.")] = None,
) -> None:
    """Make the paired repos of a service and register it in the catalog."""
    from scaffold.git.scratch import scratch_folder
    from scaffold.service.new import create_service, pick_blueprint, plan_service
    from scaffold.service.platform import find_platform, open_platform

    given = _given(name, data or [], data_file)
    opened = open_platform(find_platform(Path.cwd(), platform))
    chosen, _, version = (blueprint or "").partition("@")
    with scratch_folder() as scratch:
        picked = pick_blueprint(opened, chosen or None, version or None, scratch)
        if "service" not in given:
            if defaults:
                raise AnswerError(
                    "the service has no name", hint="Give one: scaffold new service NAME"
                )
            given["service"] = _prompts().ask_name(opened, picked)
        prompt = None if defaults else _prompts().make_prompt(opened)
        plan = plan_service(opened, picked, given, prompt=prompt, scratch=scratch)
        _show(plan, trees=dry_run)
        if dry_run:
            return
        if not defaults and not typer.confirm("Create these?", default=True):
            raise StoppedError("nothing was created")
        request = create_service(opened, plan)
    typer.echo(f"\nCreated {plan.service.name}, owned by {plan.service.owner}:")
    for one in plan.repos:
        typer.echo(f"  {one.repo:10} {one.url}")
    if request is not None:
        typer.echo(f"Pending: it is registered once this merge request is merged: {request.url}")
    typer.echo(f"\nNext: git clone {plan.repos[0].url}")


def _prompts() -> ModuleType:
    """Load questionary only where somebody is asked."""
    from scaffold.cli import prompts

    return prompts


def _show(plan: "NewService", *, trees: bool) -> None:
    for result in plan.report.results:
        if result.outcome != "passed":
            typer.echo(
                f"{result.outcome} {result.name} {result.target}: {' '.join(result.details)}"
            )
    ran = sum(result.outcome == "passed" for result in plan.report.results)
    typer.echo(f"{ran} of {len(plan.report.results)} checks passed")
    for one in plan.repos:
        typer.echo(f"{one.name}: {len(one.tree)} files")
        if trees:
            for path in sorted(one.tree):
                typer.echo(f"  {path}")


def _given(name: str | None, pairs: list[str], file: Path | None) -> dict[str, Any]:
    import yaml

    given: dict[str, Any] = {}
    if file is not None:
        try:
            read = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise AnswerError(f"can't be read: {error}", where=str(file)) from error
        if not isinstance(read, dict):
            raise AnswerError("is not a mapping of questions to answers", where=str(file))
        given.update(read)
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise AnswerError(f"--data {pair} is not K=V", hint="For example --data port=8080")
        given[key] = value
    if name is not None:
        given["service"] = name
    return given
