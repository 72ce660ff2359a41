"""The deploy repo."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from promtool import (
    WORKLOAD_ALERTS,
    WORKLOAD_CASES,
    WORKLOAD_METRICS,
    Series,
    counter,
    needs_promtool,
    outages,
    prove,
    prove_own_tests,
    replicas,
)
from rendering import KUSTOMIZE, Render, build, load, needs_kustomize, settings_of, write

IMAGE = "registry.example.com/payments"
TAG = "0123456789ab"
SECRETS = {"secrets": ["DATABASE_URL"], "secret_store": "vault"}
RUNBOOK = "https://docs.example.com/payments/runbook/"
ALERTS = [
    "ConsumerDown",
    "ErrorBudgetBurnsFast",
    "ErrorBudgetBurnsSlowly",
    "QueueLag",
    "MessagesRejected",
    "CleanUpFailed",
    *WORKLOAD_ALERTS,
]


def alerts(render: Render) -> list[dict[str, Any]]:
    """The rendered alerts."""
    rule = load(render("deploy") / "base/monitoring/prometheus-rule.yaml")
    return rule["spec"]["groups"][0]["rules"]


def pods(render: Render, **answers: Any) -> dict[str, dict[str, Any]]:
    """The specs of the pods, by what they do."""
    base = render("deploy", **answers) / "base"
    job = load(base / "cron-job.yaml")["spec"]["jobTemplate"]
    return {
        "consume": load(base / "deployment.yaml")["spec"]["template"]["spec"],
        "clean-up": job["spec"]["template"]["spec"],
    }


def test_the_base_lists_every_object(render: Render) -> None:
    """kustomize reads each file that is there."""
    expected = [
        "cron-job.yaml",
        "deployment.yaml",
        "external-secret.yaml",
        "external-secret-queue.yaml",
        "horizontal-pod-autoscaler.yaml",
        "monitoring",
        "network-policy.yaml",
        "pod-disruption-budget.yaml",
        "service-account.yaml",
    ]
    base = render("deploy", **SECRETS) / "base"
    assert expected == load(base / "kustomization.yaml")["resources"]
    assert {*expected, "kustomization.yaml"} == {path.name for path in base.iterdir()}


def test_other_pods_alone_may_ask_for_metrics(render: Render) -> None:
    """Nothing outside of the cluster gets in; Prometheus is a pod."""
    expected = [
        {"from": [{"namespaceSelector": {}}], "ports": [{"protocol": "TCP", "port": 8080}]},
    ]
    assert expected == load(render("deploy") / "base/network-policy.yaml")["spec"]["ingress"]
    narrow = render("deploy", monitoring_namespace="on") / "base/network-policy.yaml"
    (told,) = load(narrow)["spec"]["ingress"]
    selector = {"matchLabels": {"kubernetes.io/metadata.name": "on"}}
    assert [{"namespaceSelector": selector}] == told["from"]
    assert "from pods of the namespace on alone" in narrow.read_text()


def test_without_monitoring_nothing_of_it_is_left(render: Render) -> None:
    """No alert, no schema."""
    folder = render("deploy", monitoring=False)
    assert not (folder / "schemas").exists()
    assert not (folder / "base/monitoring").exists()


@pytest.mark.parametrize("command", ["consume", "clean-up"])
def test_the_pods_are_restricted(render: Render, command: str) -> None:
    """They meet the `restricted` Pod Security Standard and write to /tmp only."""
    pod = pods(render)[command]
    expected = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert expected == pod["containers"][0]["securityContext"]
    assert [{"name": "tmp", "mountPath": "/tmp"}] == pod["containers"][0]["volumeMounts"]
    assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("command", ["consume", "clean-up"])
def test_both_run_the_image_that_the_bot_names(render: Render, command: str) -> None:
    """By the name that the pin replaces, with their own command and the same queue."""
    container = pods(render)[command]["containers"][0]
    assert ("app", [command]) == (container["image"], container["args"])
    expected = {"secretKeyRef": {"name": "payments-queue", "key": "url"}}
    assert [{"name": "REDIS_URL", "valueFrom": expected}] == container["env"]


def test_the_consumer_starts_with_all_its_secrets(render: Render) -> None:
    """Each is a key that must be there; the job needs none but the queue's."""
    found = pods(render, secrets=["API_KEY"])
    names = {
        what: [one["name"] for one in pod["containers"][0]["env"]] for what, pod in found.items()
    }
    assert {"consume": ["REDIS_URL", "API_KEY"], "clean-up": ["REDIS_URL"]} == names


def test_a_rabbitmq_is_reached(render: Render) -> None:
    """By its own variable, at its own port; and the store has its address."""
    answers = {"queue": "rabbitmq", "secret_store": "vault", "scale_by_queue": True}
    for pod in pods(render, **answers).values():
        assert ["AMQP_URL"] == [one["name"] for one in pod["containers"][0]["env"]]
    base = render("deploy", **answers) / "base"
    ports = [rule["ports"][0]["port"] for rule in load(base / "network-policy.yaml")["spec"]["egress"]]
    assert [53, 5672, 443] == ports
    entry = {"key": "payments", "property": "AMQP_URL"}
    data = load(base / "external-secret-queue.yaml")["spec"]["data"]
    assert [{"secretKey": "url", "remoteRef": entry}] == data


@pytest.mark.parametrize(
    ("size", "requests"),
    [
        ("small", {"cpu": "100m", "memory": "128Mi"}),
        ("medium", {"cpu": "250m", "memory": "256Mi"}),
        ("large", {"cpu": "1", "memory": "1Gi"}),
    ],
)
def test_the_size_sets_the_resources(render: Render, size: str, requests: dict[str, str]) -> None:
    """Those of the consumer; the job needs little."""
    container = pods(render, size=size)["consume"]["containers"][0]
    assert requests == container["resources"]["requests"]


def test_the_job_runs_when_it_was_answered(render: Render) -> None:
    """In UTC, and never twice at once."""
    spec = load(render("deploy", schedule="*/5 * * * *") / "base/cron-job.yaml")["spec"]
    assert ("*/5 * * * *", "Etc/UTC", "Forbid") == (
        spec["schedule"],
        spec["timeZone"],
        spec["concurrencyPolicy"],
    )


def test_nothing_selects_the_pods_of_the_job(render: Render) -> None:
    """Budget, autoscaler and monitor are about the consumer."""
    base = render("deploy") / "base"
    labels = load(base / "cron-job.yaml")["spec"]["jobTemplate"]["spec"]["template"]["metadata"]
    consumer = {"app.kubernetes.io/name": "payments"}
    assert "payments-clean-up" == labels["labels"]["app.kubernetes.io/name"]
    for name in ("deployment", "pod-disruption-budget", "monitoring/pod-monitor"):
        assert consumer == load(base / f"{name}.yaml")["spec"]["selector"]["matchLabels"]


def test_every_alert_points_to_its_section(render: Render) -> None:
    """The runbook's headings are the alerts' names, and each URL ends in the heading's anchor."""
    urls = {alert["alert"]: alert["annotations"]["runbook_url"] for alert in alerts(render)}
    runbook = (render("app") / "docs/runbook.md").read_text()
    assert {name: f"{RUNBOOK}#{name.lower()}" for name in ALERTS} == urls
    assert ["First look", *ALERTS] == re.findall(r"^## (.*)$", runbook, re.MULTILINE)


def failures(times: float) -> Series:
    """Messages of which so many fail as burn the budget this many times too fast."""
    failed = times * (100 - 99) / 100 * 1000
    return (
        replicas(1, 1)
        | counter("worker_messages_total", 'outcome="done"', 1000 - failed)
        | counter("worker_messages_total", 'outcome="failed"', failed)
    )


CASES = (
    outages("ConsumerDown")
    | {
        f"{what}, all pods up": (replicas(1) | seen, names)
        for what, (seen, names) in WORKLOAD_CASES.items()
    }
    | {
        "failures within the budget": (failures(0.5), []),
    }
)


@needs_promtool
@pytest.mark.parametrize("what", CASES)
def test_the_alerts_that_fire(render: Render, tmp_path: Path, what: str) -> None:
    """In a total outage there is an alert, and in quiet times there is none."""
    series, names = CASES[what]
    prove(render("deploy") / "base/monitoring/prometheus-rule.yaml", tmp_path, names, series)


@needs_promtool
@pytest.mark.parametrize("answers", [{"slo": 90.0}, {"slo": 99.99}])
def test_the_alerts_come_with_tests_that_pass(
    render: Render, tmp_path: Path, answers: dict[str, Any]
) -> None:
    """Their owners have them, whatever the objective is; two failures in the night are no alarm."""
    prove_own_tests(render("deploy", **answers) / "base/monitoring", tmp_path)


def test_the_runbook_of_an_unmonitored_worker_has_no_alerts(render: Render) -> None:
    """No section answers an alert that does not exist."""
    runbook = (render("app", monitoring=False) / "docs/runbook.md").read_text()
    assert ["First look"] == re.findall(r"^## (.*)$", runbook, re.MULTILINE)


def test_alerts_and_dashboard_use_metrics_that_exist(render: Render) -> None:
    """Each metric is one that the code defines or that Prometheus or its client adds."""
    dashboard = json.loads((render("deploy") / "base/monitoring/dashboard.json").read_text())
    expressions = [alert["expr"] for alert in alerts(render)]
    expressions += [panel["targets"][0]["expr"] for panel in dashboard["panels"]]
    expected = WORKLOAD_METRICS | {
        "kube_job_status_failed",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "up",
        "worker_message_duration_seconds_bucket",
        "worker_messages_total",
        "worker_queue_lag",
    }
    assert expected == set(re.findall(r"(\w+)\{", " ".join(expressions)))
    code = (render("app") / "src/payments_worker/metrics.py").read_text()
    for name in ("messages_total", "message_duration_seconds", "queue_lag"):
        assert f'"worker_{name}"' in code


def test_a_change_of_the_base_deploys_nothing(render: Render) -> None:
    """It comes to an environment by a release, so its job runs for its own folder alone."""
    ci = load(render("deploy") / ".gitlab-ci.yml")
    assert ["environments/prod/**/*"] == ci["deploy/prod"]["rules"][0]["changes"]
    assert ["validate", "dev", "staging", "prod"] == ci["stages"]


def overlay(
    render: Render, folder: Path, environment: str, *, promoted: bool, **answers: Any
) -> dict[str, Any]:
    """The objects of an environment, by kind, with pins as the bot writes them."""
    repo = folder / "deploy"
    shutil.copytree(render("deploy", **answers), repo)
    release = {
        "kind": "Kustomization",
        "resources": ["../../../base"],
        "images": [{"name": "app", "newName": IMAGE, "newTag": TAG}],
    }
    place = repo / "environments" / environment
    write(place / "release", release if promoted else {"kind": "Kustomization", "resources": []})
    return build(place)


@needs_kustomize
def test_an_environment_builds_before_the_first_release(render: Render, tmp_path: Path) -> None:
    """Where nothing was promoted there are settings alone, whatever the base holds."""
    assert {"ConfigMap"} == overlay(render, tmp_path, "staging", promoted=False, **SECRETS).keys()


@needs_kustomize
def test_a_release_brings_every_object(render: Render, tmp_path: Path) -> None:
    """A worker consists of these objects, each in the environment's namespace."""
    objects = overlay(render, tmp_path, "dev", promoted=True, **SECRETS)
    expected = {
        "ConfigMap",
        "CronJob",
        "Deployment",
        "ExternalSecret",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PodMonitor",
        "PrometheusRule",
        "ServiceAccount",
    }
    assert expected == objects.keys()
    assert {"payments-dev"} == {entry["metadata"]["namespace"] for entry in objects.values()}


@needs_kustomize
def test_both_get_the_settings(render: Render, tmp_path: Path) -> None:
    """A change of config.env starts the consumer anew, and the next job has it."""
    objects = overlay(render, tmp_path, "dev", promoted=True, monitoring=False)
    name = objects["ConfigMap"]["metadata"]["name"]
    assert name.startswith("payments-config-")
    job = objects["CronJob"]["spec"]["jobTemplate"]["spec"]
    assert [name, name] == [settings_of(objects["Deployment"]["spec"]), settings_of(job)]


@needs_kustomize
def test_keda_scales_by_the_queue(render: Render, tmp_path: Path) -> None:
    """Between the replicas of the environment, as the autoscaler that it takes the place of."""
    objects = overlay(render, tmp_path, "prod", promoted=True, scale_by_queue=True)
    assert "HorizontalPodAutoscaler" not in objects
    spec = objects["ScaledObject"]["spec"]
    assert (3, 10) == (spec["minReplicaCount"], spec["maxReplicaCount"])
    assert "payments" == spec["advanced"]["horizontalPodAutoscalerConfig"]["name"]
    [trigger] = spec["triggers"]
    assert ("redis-streams", {"stream": "payments", "streamLength": "20"}) == (
        trigger["type"],
        trigger["metadata"],
    )
    keys = objects["TriggerAuthentication"]["spec"]["secretTargetRef"]
    assert [("payments-queue", "address"), ("payments-queue", "password")] == [
        (one["name"], one["key"]) for one in keys
    ]
    assert trigger["authenticationRef"] == {
        "name": objects["TriggerAuthentication"]["metadata"]["name"]
    }


def test_keda_asks_rabbitmq(render: Render) -> None:
    """By the address that the worker has, for the messages that wait in its queue."""
    base = render("deploy", queue="rabbitmq", scale_by_queue=True, stream="orders") / "base"
    [trigger] = load(base / "scaled-object.yaml")["spec"]["triggers"]
    metadata = {"queueName": "orders", "mode": "QueueLength", "value": "20"}
    assert ("rabbitmq", metadata) == (trigger["type"], trigger["metadata"])
    reference = {"parameter": "host", "name": "payments-queue", "key": "url"}
    assert [reference] == load(base / "trigger-authentication.yaml")["spec"]["secretTargetRef"]


@needs_kustomize
def test_each_environment_has_secrets_of_its_own(render: Render, tmp_path: Path) -> None:
    """The keys of the queue and of the worker are properties of one entry of the store."""
    overlay(render, tmp_path, "dev", promoted=True, **SECRETS)
    place = tmp_path / "deploy/environments/dev"
    text = subprocess.run(
        [*KUSTOMIZE, str(place)], check=True, capture_output=True, text=True
    ).stdout
    made = [one for one in yaml.safe_load_all(text) if one["kind"] == "ExternalSecret"]
    specs = {one["metadata"]["name"]: one["spec"] for one in made}
    queue = {"key": "payments/dev", "property": "REDIS_URL"}
    assert [{"secretKey": "url", "remoteRef": queue}] == specs["payments-queue"]["data"]
    assert [{"extract": {"key": "payments/dev"}}] == specs["payments-secrets"]["dataFrom"]


@needs_kustomize
def test_the_released_image_runs_in_both(render: Render, tmp_path: Path) -> None:
    """The pin's image takes the place of `app` in the consumer and in the job."""
    objects = overlay(render, tmp_path, "dev", promoted=True)
    job = objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    consumer = objects["Deployment"]["spec"]["template"]["spec"]
    images = [pod["containers"][0]["image"] for pod in (job, consumer)]
    assert [f"{IMAGE}:{TAG}"] * 2 == images


@needs_kustomize
@pytest.mark.parametrize(
    ("environment", "replicas", "cpu"),
    [("dev", (1, 2), "50m"), ("staging", (2, 4), "100m"), ("prod", (3, 10), "100m")],
)
def test_what_differs_between_environments(
    render: Render, tmp_path: Path, environment: str, replicas: tuple[int, int], cpu: str
) -> None:
    """Replicas and reserved resources are those of the environment."""
    objects = overlay(render, tmp_path, environment, promoted=True)
    scaler = objects["HorizontalPodAutoscaler"]["spec"]
    pod = objects["Deployment"]["spec"]["template"]["spec"]
    assert replicas == (scaler["minReplicas"], scaler["maxReplicas"])
    assert cpu == pod["containers"][0]["resources"]["requests"]["cpu"]


def test_schemas_refuse_unknown_fields(render: Render) -> None:
    """A misspelt field of a monitor does not pass CI."""
    schemas = render("deploy") / "schemas"
    monitor = json.loads((schemas / "podmonitor-monitoring.coreos.com-v1.json").read_text())
    assert False is monitor["additionalProperties"]
    others = render("deploy", scale_by_queue=True, **SECRETS) / "schemas"
    for name in ("externalsecret-external-secrets.io-v1", "scaledobject-keda.sh-v1alpha1"):
        schema = json.loads((others / f"{name}.json").read_text())
        assert False is schema["properties"]["spec"]["additionalProperties"]
    assert "| `PrometheusRule`, `PodMonitor` |" in (schemas / "README.md").read_text()


def test_what_an_engine_deploys_no_job_does(render: Render) -> None:
    """Flux or Argo CD does, and sets the status; the other environments stay CI's."""
    place = {"namespace": "pay", "context": "", "replicas": {"min": 1, "max": 2}}
    environments = [
        {"name": "test", **place},
        {"name": "live", **place, "engine": "argocd"},
        {"name": "far", **place, "engine": "argocd", "smoke": False},
    ]
    gitlab = load(render("deploy", environments=environments) / ".gitlab-ci.yml")
    github = load(
        render("deploy", environments=environments, ci="github") / ".github/workflows/ci.yml"
    )
    assert ["validate", "test", "live"] == gitlab["stages"]
    jobs = ["deploy/test", "smoke/live", "smoke/test"]
    assert jobs == sorted(name for name in gitlab if "/" in name)
    step = "scaffold pipeline smoke --environment live --after argocd --junit reports/smoke.xml"
    assert [step] == gitlab["smoke/live"]["script"]
    assert {"validate", "deploy-test", "smoke-live"} == github["jobs"].keys()
    assert step == github["jobs"]["smoke-live"]["steps"][-2]["run"]


@pytest.mark.parametrize(("ci", "at"), [("gitlab", "@"), ("github", "@git.example.com/")])
def test_the_last_environment_may_have_an_approver(render: Render, ci: str, at: str) -> None:
    """The platform names another team for what reaches users; without one the owner decides."""
    alone = (render("deploy", ci=ci) / f".{ci}/CODEOWNERS").read_text()
    apart = (render("deploy", ci=ci, approver="releases") / f".{ci}/CODEOWNERS").read_text()
    assert f"* {at}team-a\n" == alone
    assert f"* {at}team-a\n/environments/prod/ {at}releases\n" == apart
