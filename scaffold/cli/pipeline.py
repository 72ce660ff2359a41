"""`scaffold pipeline`: the steps that generated CI calls, one command a step.

The names and flags are a contract with every blueprint that was ever released.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scaffold.pipeline.plan import Action

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The steps of generated pipelines, one command a step.",
)

PathOption = Annotated[
    Path, typer.Option("--path", help="The repo's folder.", exists=True, file_okay=False)
]
EnvironmentOption = Annotated[
    str, typer.Option("--environment", help="Which environment, e.g. dev.", show_default=False)
]


@app.command("test")
def run_tests_command(path: PathOption = Path()) -> None:
    """Run a code repo's tests: `make test`."""
    from scaffold.pipeline.test import run_tests

    run_tests(path)
    typer.echo("The tests passed.")


@app.command("validate")
def validate_command(path: PathOption = Path()) -> None:
    """Run a repo's static checks; one that can't run counts as failed."""
    from scaffold.pipeline.validate import validate

    report = validate(path)
    for result in report.results:
        typer.echo(f"{result.outcome}  {result.name}  {result.target}")
    typer.echo(f"All {len(report.results)} checks passed.")


@app.command("image")
def image_command(
    path: PathOption = Path(),
    push: Annotated[bool, typer.Option("--push/--no-push", help="Push it, too.")] = True,
) -> None:
    """Build and push a docker repo's image, unless the registry has it."""
    from scaffold.pipeline.image import make_image

    image = make_image(path, push=push)
    if not image.built:
        typer.echo("The registry has this image already; nothing was built.")
    typer.echo(f"image   {image.reference}")
    if image.digest:
        typer.echo(f"digest  {image.digest}")


@app.command("deploy")
def deploy_command(
    environment: EnvironmentOption,
    path: PathOption = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Prune what holds data, too.")
    ] = False,
) -> None:
    """Make an environment what the env repo says: apply, prune, record."""
    from scaffold.pipeline.deploy import deploy

    done = deploy(path, environment, dry_run=dry_run, delete_data=delete_data)
    _echo_actions(done.actions)
    if done.note:
        typer.echo(done.note)
    said = "nothing was changed: a dry run" if done.dry_run else _counts(done.actions)
    typer.echo(f"{done.service} in {done.environment} (namespace {done.namespace}): {said}")


@app.command("access")
def access_command(environment: EnvironmentOption, path: PathOption = Path()) -> None:
    """Apply each service's namespace, quota and roles, from the platform's repo."""
    from scaffold.pipeline.access import grant_access

    granted = grant_access(path, environment)
    for one in granted.services:
        if one.error is None:
            typer.echo(f"{one.service}: {_counts(one.actions)}")
            _echo_actions(one.actions, indent="  ")
    if granted.error:
        raise granted.error


@app.command("smoke")
def smoke_command(
    environment: EnvironmentOption,
    path: PathOption = Path(),
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds for all of it together.")
    ] = 120,
) -> None:
    """Wait until what was deployed is up, and ask it whether it is ready."""
    from scaffold.pipeline.smoke import smoke

    done = smoke(path, environment, timeout=timeout)
    for key in done.rolled_out:
        typer.echo(f"rolled out  {key}")
    for probe in done.answered:
        typer.echo(f"answers     {probe.service}:{probe.port}{probe.path}")
    for key in done.not_asked:
        typer.echo(f"not asked   {key}: no readiness path over HTTP leads to it")
    typer.echo(done.note or f"{done.service} in {done.environment} is up.")


def _echo_actions(actions: "tuple[Action, ...]", indent: str = "") -> None:
    for action in actions:
        why = f": {action.why}" if action.why else ""
        typer.echo(f"{indent}{action.outcome:<10}{action.key}{why}")


def _counts(actions: "tuple[Action, ...]") -> str:
    outcomes = [str(action.outcome) for action in actions]
    counts = [f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes)]
    return ", ".join(counts) or "nothing to do"
