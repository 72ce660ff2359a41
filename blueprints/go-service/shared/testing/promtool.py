"""Runs the rendered alerts by `promtool test rules`: which alerts fire on which metrics."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from rendering import load

NAMESPACE = "payments-prod"
POD = "payments-6d4cf56db6-x7k2p"
# Of every Deployment, in the order of the rules, and what they read.
WORKLOAD_ALERTS = ["PodsRestart", "OutOfMemory", "RolloutStuck", "ReplicasAtMaximum"]
WORKLOAD_METRICS = {
    "kube_deployment_spec_replicas",
    "kube_deployment_status_condition",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_horizontalpodautoscaler_spec_min_replicas",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "kube_pod_container_status_last_terminated_reason",
    "kube_pod_container_status_restarts_total",
}
needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="needs promtool: tests/tools/promtool/build .tools/bin"
)

Series = dict[str, str]
_OF_POD = f'namespace="{NAMESPACE}", pod="{POD}", container="app"'
_OF_HPA = f'namespace="{NAMESPACE}", horizontalpodautoscaler="payments"'


def replicas(*answering: int) -> Series:
    """As many replicas as are named; Prometheus asks each, and 1 is an answer."""
    wanted = f'kube_deployment_spec_replicas{{namespace="{NAMESPACE}", deployment="payments"}}'
    up = {
        f'up{{namespace="{NAMESPACE}", job="payments", pod="payments-6d4cf56db6-{i}"}}': f"{one}x60"
        for i, one in enumerate(answering)
    }
    return {wanted: f"{len(answering) or 2}x60", **up}


def counter(metric: str, labels: str, a_minute: float) -> Series:
    """A counter of one pod that grows by so many a minute."""
    name = f'{metric}{{namespace="{NAMESPACE}", job="payments", pod="{POD}", {labels}}}'
    return {name: f"0+{a_minute}x60"}


def workload(
    *, restarts: int = 0, out_of_memory: bool = False, stuck: bool = False, at_maximum: bool = False
) -> Series:
    """What kube-state-metrics says: restarts every ten minutes, and how the rest is."""
    return {
        f"kube_pod_container_status_restarts_total{{{_OF_POD}}}": " ".join(
            str(minute // 10 * restarts) for minute in range(61)
        ),
        f'kube_pod_container_status_last_terminated_reason{{{_OF_POD}, reason="OOMKilled"}}': (
            f"{int(out_of_memory)}x60"
        ),
        f'kube_deployment_status_condition{{namespace="{NAMESPACE}", deployment="payments", '
        'condition="Progressing", status="false"}': f"{int(stuck)}x60",
        f"kube_horizontalpodautoscaler_spec_min_replicas{{{_OF_HPA}}}": "3x60",
        f"kube_horizontalpodautoscaler_spec_max_replicas{{{_OF_HPA}}}": "10x60",
        f"kube_horizontalpodautoscaler_status_current_replicas{{{_OF_HPA}}}": (
            f"{10 if at_maximum else 3}x60"
        ),
    }


def prove(rule: Path, folder: Path, firing: Iterable[str], *series: Series) -> None:
    """Fail unless just these alerts of a rendered PrometheusRule fire after an hour."""
    (folder / "rules.yml").write_text(yaml.safe_dump(load(rule)["spec"]))
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing]
    test = {
        "interval": "1m",
        "input_series": [
            {"series": name, "values": values} for each in series for name, values in each.items()
        ],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": "1h",
                "exp_samples": expected,
            }
        ],
    }
    whole = {"rule_files": ["rules.yml"], "evaluation_interval": "5m", "tests": [test]}
    (folder / "test.yml").write_text(yaml.safe_dump(whole))
    _run(folder, "test.yml")


def prove_own_tests(monitoring: Path, folder: Path) -> None:
    """Fail unless the rendered alerts do what the tests say that are rendered beside them."""
    rules = load(monitoring / "prometheus-rule.yaml")["spec"]
    (folder / "prometheus-rule.yaml").write_text(yaml.safe_dump(rules))
    (folder / "test.yml").write_text((monitoring / "rule-tests.yaml").read_text())
    _run(folder, "test.yml")


def _run(folder: Path, tests: str) -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", tests], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


# What happens to any Deployment -> the alerts beside that of a total outage.
WORKLOAD_CASES = {
    "quiet": (workload(), []),
    "restarts": (workload(restarts=1), ["PodsRestart"]),
    "out of memory": (workload(restarts=1, out_of_memory=True), ["OutOfMemory", "PodsRestart"]),
    "stuck": (workload(stuck=True), ["RolloutStuck"]),
    "at maximum": (workload(at_maximum=True), ["ReplicasAtMaximum"]),
}


def outages(alert: str) -> dict[str, tuple[Series, list[str]]]:
    """What Prometheus finds when it looks for the pods -> whether this alert fires."""
    wanted = replicas(1, 1)
    return {
        "nothing is known": ({}, [alert]),
        "no targets": (replicas(), [alert]),
        "all pods down": (replicas(0, 0, 0), [alert]),
        "all pods down, no kube-state-metrics": (_only_up(replicas(0, 0)), [alert]),
        "one pod down": (replicas(1, 0, 1), []),
        "quiet": (wanted, []),
        "scaled to zero": (dict.fromkeys([next(iter(wanted))], "0x60"), []),
    }


def _only_up(series: Series) -> Series:
    return {name: values for name, values in series.items() if name.startswith("up")}
