"""The tests of alerts, which lie beside them: promtool says which alerts fire on which metrics."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.checks.tools import PROMTOOL
from scaffold.config.documents import dump_yaml, read_file
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError
from scaffold.process import find_program, run

RULE_TESTS = "base/monitoring/rule-tests.yaml"
_NAME = "alerts"
_TIMEOUT = 120.0


def check_rules(subject: Subject, target: str) -> list[Result]:
    """Alerts do what their tests say."""
    shown = f"{subject.name}/{target}"
    program = find_program(PROMTOOL.name)
    if program is None:
        return [not_run(_NAME, shown, PROMTOOL.missing)]
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            _lay_out(subject.path / target, folder)
        except ConfigError as error:
            return [failed(_NAME, shown, error.details or [str(error)])]
        done = run([program, "test", "rules", "tests.yaml"], cwd=folder, timeout=_TIMEOUT)
    if done.status == 0:
        return [passed(_NAME, shown)]
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    return [failed(_NAME, shown, [line for line in output.splitlines() if line.strip()])]


def _lay_out(tests: Path, folder: Path) -> None:
    """Write what promtool reads: the tests, and of each PrometheusRule that they name its rules."""
    wanted = read_yaml(read_file(tests), source=tests.name)
    names = wanted.get("rule_files") if isinstance(wanted, dict) else None
    if not isinstance(names, list) or not names:
        raise ConfigError("`rule_files` must name the files that are tested", where=tests.name)
    for name in names:
        (folder / _plain(name, tests)).write_bytes(dump_yaml(_rules(tests.with_name(name))))
    (folder / "tests.yaml").write_bytes(read_file(tests))


def _plain(name: Any, tests: Path) -> str:
    if isinstance(name, str) and name == Path(name).name and name != "tests.yaml":
        return name
    raise ConfigError(f"`rule_files` must name files beside it, not {name!r}", where=tests.name)


def _rules(file: Path) -> Any:
    """The rules that Prometheus gets: those of the operator's object, or the whole file."""
    content = read_yaml(read_file(file), source=file.name)
    if isinstance(content, dict) and content.get("kind") == "PrometheusRule":
        return content.get("spec")
    return content
