"""`scaffold pipeline smoke`: what was deployed is up, and answers as it should."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.cli.pipeline import EnvironmentOption, PathOption

if TYPE_CHECKING:
    from scaffold.documents.pipeline_outputs import HttpCheckResult
    from scaffold.pipeline.asking.rounds import Outcome
    from scaffold.pipeline.smoke import Smoked

_HINT = "The pods' logs tell why; to go back, revert the last release's commit."
JunitOption = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Write a JUnit report of the checks, too."),
]


class AfterEngine(StrEnum):
    """The engines that a smoke test can follow."""

    FLUX = "flux"
    ARGOCD = "argocd"


def smoke_command(
    environment: EnvironmentOption,
    path: PathOption = Path(),
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds for rollouts and checks together.")
    ] = 120,
    after: Annotated[
        AfterEngine | None,
        typer.Option("--after", help="In CI: wait until this engine says that it deployed it."),
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=1, help="With --after: seconds for the engine.")
    ] = 900,
    junit: JunitOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Wait until what was deployed is up, and ask it what smoke.yml declares, or if it is ready."""
    from scaffold.config.engine import Engine
    from scaffold.documents.pipeline_outputs import SmokeOutput
    from scaffold.errors import ScaffoldError
    from scaffold.pipeline.asking.junit import write_junit
    from scaffold.pipeline.engine import Wait
    from scaffold.pipeline.smoke import smoke

    engine = Wait(Engine(after), wait) if after else None
    suite = f"smoke/{environment}"
    try:
        done = smoke(path, environment, timeout=timeout, after=engine)
    except ScaffoldError as error:
        if junit:
            write_junit(junit, suite, (), str(error))
        raise
    if junit:
        write_junit(junit, suite, done.outcomes)
    document = SmokeOutput(
        service=done.service,
        environment=done.environment,
        passed=not done.failed,
        rolled_out=tuple(str(key) for key in done.rolled_out),
        checks=check_parts(done.outcomes),
        not_asked=tuple(str(key) for key in done.not_asked),
        note=done.note,
    )
    printer = Printer(output, quiet)
    printer.result(document, _lines(done))
    if done.failed:
        printer.fail([*check_lines(done.failed), _HINT])


def check_parts(outcomes: "Iterable[Outcome]") -> "tuple[HttpCheckResult, ...]":
    """Outcomes, as a document has them."""
    from scaffold.documents.pipeline_outputs import HttpCheckResult

    return tuple(
        HttpCheckResult(
            name=one.check.name,
            asked=one.check.probe.shown,
            ok=one.ok,
            problem=one.problem,
            seconds=round(one.seconds, 3),
            attempts=one.asked,
        )
        for one in outcomes
    )


def check_lines(outcomes: "Iterable[Outcome]") -> list[str]:
    """A line for each check; below one that failed, what came."""
    lines = []
    for one in outcomes:
        state = "ok" if one.ok else "failed"
        took = f"{one.seconds:.2f} s" if one.asked else "not asked"
        times = f", asked {one.asked} times" if one.asked > 1 else ""
        lines.append(f"{state:<10}  {one.check.name}: {one.check.probe.shown} ({took}{times})")
        if not one.ok:
            lines.append(f"            {one.problem}")
    return lines


def _lines(done: "Smoked") -> list[str]:
    lines = [
        *(f"rolled out  {key}" for key in done.rolled_out),
        *check_lines(done.outcomes),
        *(f"not asked   {key}: no readiness path over HTTP leads to it" for key in done.not_asked),
    ]
    if done.failed:
        count = f"{len(done.failed)} of {len(done.outcomes)} checks failed"
        return [*lines, f"{done.service} in {done.environment}: {count}.", _HINT]
    return [*lines, done.note or f"{done.service} in {done.environment} is up."]
