"""`scaffold blueprint test`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import JOBS, Format, JobsOption, OutputOption, QuietOption, find_folder
from scaffold.cli.output import Printer, paint
from scaffold.cli.stopping import stopped_means
from scaffold.cli.trial_progress import trial_progress

if TYPE_CHECKING:
    from scaffold.authoring.testing import TrialReport
    from scaffold.authoring.trials import Tried
    from scaffold.documents.authoring_outputs import BlueprintTestOutput


_MOST_SHOWN = 3  # trials of one cause
_PLACE = re.compile(r"(?P<margin> *)--> (?P<where>.*)", re.DOTALL)
# By how a line of the details begins; pytest's own have an E before a diff.
_LINES: dict[str, dict[str, Any]] = {
    "failed ": {"bold": True},
    "conflict: ": {"bold": True},
    "differs ": {"bold": True},
    **{f"{before}{sign}": style
       for before in ("E     ", "E   ", "")
       for sign, style in (("+++", {"bold": True}), ("---", {"bold": True}),
                           ("+", {"fg": typer.colors.GREEN}), ("-", {"fg": typer.colors.RED}))},
}  # fmt: skip
_STYLES: dict[str, dict[str, Any]] = {
    "failed": {"fg": typer.colors.RED, "bold": True},
    "not-run": {"fg": typer.colors.YELLOW},
}


def try_blueprint(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The blueprint's folder.")
    ] = Path(),
    data: Annotated[
        list[str] | None,
        typer.Option(metavar="K=V", help="Try only this set of answers; can be given often."),
    ] = None,
    jobs: JobsOption = JOBS,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Test the blueprint that lies in a folder, committed or not.

    Renders all its repos for a matrix of answers and checks them, upgrades from its last five
    versions, and runs its own tests. What fails comes with the answers it failed with.
    """
    from scaffold.authoring.testing import run_tests
    from scaffold.cli.answers import parse_pairs

    printer = Printer(output, quiet)
    folder = find_folder(directory)
    with stopped_means("the tests did not come to an end"), trial_progress(printer) as progress:
        report = run_tests(folder, jobs=jobs, answers=parse_pairs(data or []), progress=progress)
    printer.result(_document(report), _text(report))
    if not report.ok:
        printer.fail(_failed(report))


def _document(report: "TrialReport") -> "BlueprintTestOutput":
    from scaffold.authoring.trials import Outcome
    from scaffold.documents.authoring_outputs import BlueprintTestOutput, BlueprintTrial

    return BlueprintTestOutput(
        passed=report.ok,
        complete=not (report.not_checked or report.of(Outcome.NOT_RUN)),
        trials=tuple(
            BlueprintTrial.model_validate(
                {
                    "what": one.trial.what.value,
                    "version": one.trial.version,
                    "answers": dict(one.trial.answers),
                    "outcome": one.outcome.value,
                    "details": one.details,
                }
            )
            for one in report.tried
        ),
        not_checked=report.not_checked,
    )


def _failed(report: "TrialReport") -> "Iterator[str]":
    """The trials that failed, or could not run; what several of them say is said once."""
    for group in report.by_cause():
        shortest = min(group, key=lambda one: len(" ".join(one.trial.data)))
        yield from _heads(group, shortest)
        yield from (f"  {_painted(detail)}" for detail in shortest.details)
        if data := shortest.trial.data:
            again = f"scaffold blueprint test {' '.join(f'--data {p}' for p in data)}"
            yield f"  {paint('Again:', fg=typer.colors.BLUE)} {again}"


def _painted(detail: str) -> str:
    """A line of what a trial found, in the colours of lint: the place, what is wrong, a diff."""
    if place := _PLACE.match(detail):
        return f"{place['margin']}{paint('-->', fg=typer.colors.BLUE)} {place['where']}"
    style = next((style for start, style in _LINES.items() if detail.startswith(start)), None)
    return paint(detail, **style) if style else detail


def _heads(group: "Sequence[Tried]", shortest: "Tried") -> "Iterator[str]":
    """What trials of one cause there are; of many, the shortest."""
    if len(group) <= _MOST_SHOWN:
        yield from (paint(one.line, **_STYLES[one.outcome]) for one in group)
        return
    yield paint(shortest.line, **_STYLES[shortest.outcome])
    yield f"  and for {len(group) - 1} more sets of answers"


def _text(report: "TrialReport") -> "Iterator[str]":
    from scaffold.authoring.trials import Outcome

    yield from _failed(report)
    yield from (f"not checked: {line}" for line in report.not_checked)
    said = [f"{len(report.of(one))} {one}" for one in (Outcome.PASSED, Outcome.FAILED)]
    for outcome, words in (
        (Outcome.REFUSED, "refused by validators"),
        (Outcome.NOT_RUN, "could not run"),
    ):
        if found := report.of(outcome):
            said.append(f"{len(found)} {words}")
    yield ", ".join(said)
