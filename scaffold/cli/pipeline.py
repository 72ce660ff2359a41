"""`scaffold pipeline`: the steps that generated CI calls, one command a step.

The names and flags are a contract with every blueprint that was ever released.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, QuietOption
from scaffold.cli.output import Printer, check_results

if TYPE_CHECKING:
    from scaffold.documents.pipeline_outputs import ObjectAction
    from scaffold.pipeline.deploy.plan import Action


PathOption = Annotated[
    Path, typer.Option("--path", help="The repo's folder.", exists=True, file_okay=False)
]
EnvironmentOption = Annotated[
    str, typer.Option("--environment", help="Which environment, e.g. dev.", show_default=False)
]


def run_tests_command(path: PathOption = Path()) -> None:
    """Run a code repo's tests: `make test`."""
    from scaffold.pipeline.test import run_tests

    run_tests(path)
    typer.echo("The tests passed.")


def validate_command(
    path: PathOption = Path(),
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Run a repo's static checks; one that can't run counts as failed."""
    from scaffold.documents.outputs import CheckOutput
    from scaffold.pipeline.validate import validate

    report = validate(path)
    Printer(output, quiet).result(
        CheckOutput(passed=True, complete=True, checks=check_results(report)),
        [*(one.line for one in report.results), report.count],
    )


def image_command(
    path: PathOption = Path(),
    push: Annotated[bool, typer.Option("--push/--no-push", help="Push it, too.")] = True,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Build and push a docker repo's image, unless the registry has it."""
    from scaffold.documents.pipeline_outputs import ImageOutput
    from scaffold.pipeline.image import make_image

    image = make_image(path, push=push)
    lines = [f"image   {image.reference}"]
    if not image.built:
        lines.insert(0, "The registry has this image already; nothing was built.")
    if image.digest:
        lines.append(f"digest  {image.digest}")
    scan = image.examined
    if scan:
        lines += [*scan.notes, f"scanned, and signed by: {scan.signature}"]
    document = ImageOutput(
        reference=image.reference,
        digest=image.digest,
        built=image.built,
        pushed=image.pushed,
        scanned=scan is not None,
        signature="none" if scan is None else scan.signature.value,
        notes=scan.notes if scan else (),
    )
    Printer(output, quiet).result(document, lines)


def changed_command(
    path: PathOption = Path(),
    since: Annotated[
        str, typer.Option("--since", metavar="COMMIT", help="What was there before; else all.")
    ] = "",
) -> None:
    """Say which environments of an env repo a push changed, as a line of GITHUB_OUTPUT.

    GitHub leaves out whole workflows by path and no single job.
    """
    import json

    from scaffold.pipeline.changed import changed_environments

    typer.echo(f"environments={json.dumps(changed_environments(path, since))}")


def deploy_command(
    environment: EnvironmentOption,
    path: PathOption = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Change nothing; exit with 1 where the cluster is not as git says."
        ),
    ] = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Prune what holds data, too.")
    ] = False,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Make an environment what the env repo says: apply, prune, record."""
    from scaffold.documents.pipeline_outputs import DeployOutput
    from scaffold.pipeline.deploy.step import deploy

    done = deploy(path, environment, dry_run=dry_run or check, delete_data=delete_data)
    said = "nothing was changed: a dry run" if done.dry_run else _counts(done.actions)
    if check:
        said = "the cluster is not as git says" if done.differs else "the cluster is as git says"
    printer = Printer(output, quiet)
    document = DeployOutput(
        service=done.service,
        environment=done.environment,
        namespace=done.namespace,
        dry_run=done.dry_run,
        note=done.note,
        actions=_object_actions(done.actions),
    )
    printer.result(
        document,
        [
            *_action_lines(done.actions),
            *([done.note] if done.note else []),
            f"{done.service} in {done.environment} (namespace {done.namespace}): {said}",
        ],
    )
    if check and done.differs:
        printer.fail([f"{said}: {_counts(done.differs)}"])


def access_command(
    environment: EnvironmentOption,
    path: PathOption = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Apply each service's namespace, quota and roles, from the platform's repo."""
    from scaffold.documents.pipeline_outputs import AccessOutput, GrantedService
    from scaffold.pipeline.access import grant_access

    granted = grant_access(path, environment, dry_run=dry_run)
    lines = []
    for one in granted.services:
        if one.error is None:
            lines += [f"{one.service}: {_counts(one.actions)}"]
            lines += [f"  {line}" for line in _action_lines(one.actions)]
    services = tuple(
        GrantedService(
            service=one.service,
            actions=_object_actions(one.actions),
            error=str(one.error) if one.error else None,
        )
        for one in granted.services
    )
    if dry_run:
        lines.append("Nothing was changed: a dry run.")
    document = AccessOutput(environment=environment, services=services, dry_run=dry_run)
    Printer(output, quiet).result(document, lines)
    if granted.error:
        raise granted.error


def _object_actions(actions: "tuple[Action, ...]") -> "tuple[ObjectAction, ...]":
    from scaffold.documents.pipeline_outputs import ObjectAction

    return tuple(
        ObjectAction(outcome=str(one.outcome), object=str(one.key), why=one.why) for one in actions
    )


def _action_lines(actions: "tuple[Action, ...]") -> list[str]:
    return [f"{one.outcome:<10}{one.key}{f': {one.why}' if one.why else ''}" for one in actions]


def _counts(actions: "tuple[Action, ...]") -> str:
    outcomes = [str(action.outcome) for action in actions]
    counts = [f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes)]
    return ", ".join(counts) or "nothing to do"
