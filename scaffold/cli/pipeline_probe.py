"""`scaffold pipeline probe`: every environment is asked on a schedule, and measured."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import Format, OutputOption, PlatformOption, QuietOption
from scaffold.cli.output import Printer
from scaffold.cli.pipeline import PathOption
from scaffold.cli.pipeline_smoke import check_lines, check_parts

if TYPE_CHECKING:
    from scaffold.fleet.platform import PlatformRepo
    from scaffold.pipeline.probe import Probed, ProbedService


def probe_command(
    path: PathOption = Path(),
    textfile: Annotated[
        Path | None,
        typer.Option(
            "--textfile", metavar="FILE", help="Write metrics for Prometheus' textfile collector."
        ),
    ] = None,
    pushgateway: Annotated[
        str, typer.Option("--pushgateway", metavar="URL", help="Push metrics to this Pushgateway.")
    ] = "",
    status: Annotated[
        bool,
        typer.Option(
            "--status",
            help="Set what came of it as the status probe/ENV of the commit on the platform's"
            " forge: `scaffold status` shows what is red.",
        ),
    ] = False,
    platform: PlatformOption = None,
    output: OutputOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Ask every environment of an env repo what smoke checks ask, and measure it.

    Exits with 1 where a check failed, or an environment can't be asked.
    """
    from scaffold.documents.pipeline_outputs import ProbedEnvironment, ProbeOutput
    from scaffold.pipeline.probe import probe

    if textfile or pushgateway:
        _need_prometheus()
    told = _platform(platform) if status else None
    done = probe(path)
    document = ProbeOutput(
        service=done.service,
        passed=done.ok,
        environments=tuple(
            ProbedEnvironment(
                environment=one.environment,
                passed=one.ok,
                checks=check_parts(one.outcomes),
                error=str(one.error or ""),
                note=one.note,
            )
            for one in done.environments
        ),
    )
    lines = [line for one in done.environments for line in _lines(done.service, one)]
    printer = Printer(output, quiet)
    printer.result(document, lines)
    _hand_on(done, textfile, pushgateway)
    if told is not None:
        from scaffold.pipeline.probe_status import set_statuses

        set_statuses(path, told, done)
    if not done.ok:
        failed = [one for one in done.environments if not one.ok]
        printer.fail([line for one in failed for line in _lines(done.service, one)])


def _platform(given: Path | None) -> "PlatformRepo":
    from scaffold.fleet.platform import find_platform, open_platform

    return open_platform(find_platform(Path.cwd(), given))


def _need_prometheus() -> None:
    from importlib.util import find_spec

    from scaffold.errors import ToolMissingError

    if find_spec("prometheus_client") is None:
        raise ToolMissingError(
            "the Python package `prometheus-client` is not installed",
            hint='Run: pip install "scaffold-blueprints[probe]"',
        )


def _hand_on(done: "ProbedService", textfile: Path | None, pushgateway: str) -> None:
    if not (textfile or pushgateway):
        return
    from scaffold.pipeline.asking.metrics import push_metrics, write_metrics

    if textfile:
        write_metrics(done, textfile)
    if pushgateway:
        push_metrics(done, pushgateway)


def _lines(service: str, one: "Probed") -> list[str]:
    """The environment in one line, and its checks below."""
    if one.error:
        return [f"{service} in {one.environment} can't be asked:", *_indented(one.error.lines)]
    if one.note:
        return [one.note]
    state = "is well" if one.ok else "fails"
    return [f"{service} in {one.environment} {state}:", *_indented(check_lines(one.outcomes))]


def _indented(lines: "list[str] | tuple[str, ...]") -> list[str]:
    return [f"  {line}" for line in lines]
