"""`scaffold pipeline probe`: what it tells and measures; in test_smoke.py it asks a Service."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema
import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from scaffold.documents.schemas import published_schemas
from scaffold.errors import ConfigError, DeployError, MetricsError, UsageError
from scaffold.pipeline.asking.metrics import measured, push_metrics
from scaffold.pipeline.asking.rounds import Check, Outcome
from scaffold.pipeline.probe import Probed, ProbedService, probe
from scaffold.process import find_program
from tests.areas import need
from tests.pipeline.test_asking import PROBE
from tests.pipeline.test_cli import call
from tests.pipeline.trees import EnvRepo

DOCS = Path(__file__).parents[2] / "docs/how-to/probe.md"
GOOD, BAD = Outcome(Check("a", PROBE), "", 0.25, 1), Outcome(Check("b", PROBE), "status 500", 2, 4)
DONE = ProbedService(
    "shop",
    (
        Probed("dev", 1000.0, (GOOD, BAD)),
        Probed("prod", 1001.0, error=DeployError("not there")),
        Probed("new", 1002.0, note="nothing"),
    ),
)
WRONG = (
    "`checks.0.path`: must begin with / and have no space, # or letter beyond ASCII: use %20 "
    "(it is 'x')"
)
SUCCESS = {("dev", "a"): 1.0, ("dev", "b"): 0.0, ("prod", "can be asked"): 0.0}


def values(text: str, name: str) -> dict[tuple[str, str], float]:
    """A metric of the service `shop`, by environment and check."""
    return {
        (one.labels["environment"], one.labels["check"]): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == name and one.labels["service"] == "shop"
    }


def test_what_is_measured() -> None:
    """Each check of each environment, and one in place of all where none could be asked."""
    text = generate_latest(measured(DONE)).decode()

    assert values(text, "scaffold_probe_success") == SUCCESS
    assert values(text, "scaffold_probe_duration_seconds") == {
        ("dev", "a"): 0.25, ("dev", "b"): 2.0, ("prod", "can be asked"): 0.0,
    }  # fmt: skip
    assert values(text, "scaffold_probe_last_run_timestamp_seconds") == {
        ("dev", "a"): 1000.0, ("dev", "b"): 1000.0, ("prod", "can be asked"): 1001.0,
    }  # fmt: skip
    assert [False, False, True] == [one.ok for one in DONE.environments]


class Gateway(BaseHTTPRequestHandler):
    """Takes what is put."""

    put: tuple[str, str] = ("", "")
    status = 200

    def do_PUT(self) -> None:
        """Take it."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).put = (self.path, body)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    """The address of a running server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_push_takes_the_place_of_the_one_before(
    gateway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PUT, in the group of the service; a gateway that takes nothing is told."""
    push_metrics(DONE, gateway)

    path, body = Gateway.put
    assert "/metrics/job/scaffold-probe/service/shop" == path
    assert values(body, "scaffold_probe_success") == SUCCESS
    monkeypatch.setattr(Gateway, "status", 500)
    with pytest.raises(MetricsError, match="took no metrics: HTTP Error 500") as caught:
        push_metrics(DONE, gateway)
    assert gateway == caught.value.where
    with pytest.raises(MetricsError, match=r"took no metrics: \[Errno \d+\] Connection refused"):
        push_metrics(DONE, "http://127.0.0.1:1")


def test_an_environment_that_can_not_be_asked(env_repo: EnvRepo) -> None:
    """It must fail and say why, and be measured, before any cluster is asked."""
    env_repo.release()
    (env_repo.path / "environments/smoke.yml").write_text("checks:\n- {name: a, path: x}\n")
    file = env_repo.path / "probe.prom"
    command = ("probe", "--path", str(env_repo.path), "--textfile", str(file))

    done, document = call(*command), call(*command, "--output", "json")

    assert [
        "shop in dev can't be asked:",
        f"  environments/smoke.yml:2: {WRONG}",
        "  Mend that and run the command again.",
    ] == done.output.splitlines()
    assert 1 == done.exit_code == document.exit_code
    assert {("dev", "can be asked"): 0.0} == values(file.read_text(), "scaffold_probe_success")
    loaded = json.loads(document.output)
    jsonschema.validate(loaded, published_schemas()["output-probe"])
    assert (False, "dev") == (loaded["passed"], loaded["environments"][0]["environment"])


def test_nothing_to_ask(env_repo: EnvRepo) -> None:
    """Before the first promotion there is nothing to ask, and that is no failure."""
    env_repo.unrelease()

    done = call("probe", "--path", str(env_repo.path))

    assert (0, "`dev` has nothing promoted to it yet: nothing to ask\n") == (
        done.exit_code,
        done.output,
    )


def test_no_env_repo(env_repo: EnvRepo) -> None:
    """There is nothing to go through."""
    file = env_repo.path / ".scaffold.yml"
    about = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**about, "environments": {}}))

    with pytest.raises(UsageError, match="so it is no env repo"):
        probe(env_repo.path)
    file.write_text("service: x\n")
    with pytest.raises(ConfigError):
        probe(env_repo.path)


def test_without_the_package(env_repo: EnvRepo) -> None:
    """Whoever has installed scaffold alone is told the extra, before anything is asked."""
    program = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from scaffold.cli.main import main; main()"
    )
    command = [sys.executable, "-c", program, "pipeline", "probe", "--textfile", "x"]
    done = subprocess.run(command, cwd=env_repo.path, capture_output=True, text=True, check=False)

    assert 1 == done.returncode
    assert 'Run: pip install "scaffold-blueprints[probe]"' in done.stderr


def test_the_alerts_of_the_docs(tmp_path: Path) -> None:
    """Which fires where a check failed, where a probe stopped running, and where none ever ran."""
    need("promtool")
    _, _, after = DOCS.read_text().partition('title="probe-alerts.yaml"\n')
    (tmp_path / "alerts.yaml").write_text(after.partition("```")[0])
    labels = {"service": "shop", "environment": "dev"}
    of = 'service="shop", environment="dev", check="a"'
    failing = {f"scaffold_probe_success{{{of}}}": "0x60", LAST.format(of): "0+60x60"}
    stopped = {f"scaffold_probe_success{{{of}}}": "1x60", LAST.format(of): "0x60"}
    where = ": shop in dev"
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": name, "values": text} for name, text in series.items()],
            "alert_rule_test": [
                {"eval_time": "50m", "alertname": "ProbeFailed", "exp_alerts": failed},
                {"eval_time": "50m", "alertname": "ProbeHasNotRun", "exp_alerts": silent},
            ],
        }
        for series, failed, silent in (
            (failing, [has_failed({**labels, "check": "a"})], []),
            (stopped, [], [has_not_run(labels, where)]),
            ({}, [], [has_not_run({}, "")]),
        )
    ]
    (tmp_path / "tests.yaml").write_text(
        yaml.safe_dump({"rule_files": ["alerts.yaml"], "tests": tests})
    )
    promtool = find_program("promtool")
    assert promtool

    done = subprocess.run(
        [promtool, "test", "rules", "tests.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout + done.stderr


LAST = "scaffold_probe_last_run_timestamp_seconds{{{}}}"


def has_failed(labels: dict[str, str]) -> dict[str, object]:
    """The alert for a check that failed."""
    return {
        "exp_labels": {**labels, "severity": "page"},
        "exp_annotations": {
            "summary": "shop in dev fails the check `a`",
            "description": "The log of the last probe says what came in place of what was"
            " expected.",
        },
    }


def has_not_run(labels: dict[str, str], where: str) -> dict[str, object]:
    """The alert for a probe that stopped."""
    return {
        "exp_labels": {**labels, "severity": "ticket"},
        "exp_annotations": {
            "summary": f"No probe has run for half an hour{where}",
            "description": "Look at the CronJob and its last Job.",
        },
    }
