"""What must be true of the manifest repo of every HTTP service."""

import json
import re
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
from rendering import Render, load

ALERTS = [
    "ServiceDown",
    "ErrorBudgetBurnsFast",
    "ErrorBudgetBurnsSlowly",
    "HighLatency",
    "FileDescriptorsRunningOut",
    *WORKLOAD_ALERTS,
]
SECRETS = {"secrets": ["DATABASE_URL"], "secret_store": "vault"}
RUNBOOK = "https://docs.example.com/payments/runbook/"


def deployment(render: Render, **answers: Any) -> dict[str, Any]:
    """The rendered Deployment's spec."""
    return load(render("manifest", **answers) / "base/deployment.yaml")["spec"]


def alerts(render: Render) -> list[dict[str, Any]]:
    """The rendered alerts."""
    rule = load(render("manifest") / "base/monitoring/prometheus-rule.yaml")
    return rule["spec"]["groups"][0]["rules"]


def test_the_base_lists_every_object(render: Render) -> None:
    """A service with all options has these files, and kustomize reads each."""
    expected = [
        "deployment.yaml",
        "external-secret.yaml",
        "horizontal-pod-autoscaler.yaml",
        "ingress.yaml",
        "monitoring",
        "network-policy.yaml",
        "pod-disruption-budget.yaml",
        "service.yaml",
        "service-account.yaml",
    ]
    base = render("manifest", exposure="public", **SECRETS) / "base"
    assert expected == load(base / "kustomization.yaml")["resources"]
    assert {*expected, "kustomization.yaml"} == {path.name for path in base.iterdir()}


def test_options_that_are_off_leave_nothing(render: Render) -> None:
    """Without exposure and monitoring there is no Ingress, no alert, no schema."""
    folder = render("manifest", exposure="none", monitoring=False)
    assert not (folder / "schemas").exists()
    assert not (folder / "base/monitoring").exists()
    assert not (folder / "base/ingress.yaml").exists()


@pytest.mark.parametrize(
    ("size", "requests", "limits"),
    [
        ("small", {"cpu": "100m", "memory": "128Mi"}, {"cpu": "500m", "memory": "256Mi"}),
        ("medium", {"cpu": "250m", "memory": "256Mi"}, {"cpu": "1", "memory": "512Mi"}),
        ("large", {"cpu": "1", "memory": "1Gi"}, {"cpu": "2", "memory": "2Gi"}),
    ],
)
def test_the_size_sets_the_resources(
    render: Render, size: str, requests: dict[str, str], limits: dict[str, str]
) -> None:
    """Requests and limits follow from the answered size."""
    container = deployment(render, size=size)["template"]["spec"]["containers"][0]
    assert {"requests": requests, "limits": limits} == container["resources"]


def test_the_bot_names_the_image(render: Render) -> None:
    """The container's image is the name that the image component replaces."""
    assert "app" == deployment(render)["template"]["spec"]["containers"][0]["image"]


def test_the_autoscaler_owns_the_replicas(render: Render) -> None:
    """The Deployment says no number, or each deploy would undo the autoscaler's."""
    assert "replicas" not in deployment(render)


def test_the_pod_is_restricted(render: Render) -> None:
    """The pod meets the `restricted` Pod Security Standard and writes to /tmp only."""
    pod = deployment(render)["template"]["spec"]
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


def test_probes_and_ports_meet_the_service(render: Render) -> None:
    """Kubernetes asks on the port and the paths that the code serves."""
    container = deployment(render, port=9000)["template"]["spec"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert {"http": 9000, "operations": 8081} == ports
    expected = {"PORT": "9000", "OPERATIONS_PORT": "8081"}
    assert expected == {one["name"]: one["value"] for one in container["env"]}
    assert {"path": "/healthz", "port": "operations"} == container["livenessProbe"]["httpGet"]
    assert {"path": "/readyz", "port": "http"} == container["readinessProbe"]["httpGet"]


@pytest.mark.parametrize(("port", "operations"), [(8080, 8081), (8081, 8082)])
def test_the_two_ports_differ(render: Render, port: int, operations: int) -> None:
    """Whatever port was answered, that of operations is another one."""
    container = deployment(render, port=port)["template"]["spec"]["containers"][0]
    assert [port, operations] == [one["containerPort"] for one in container["ports"]]


@pytest.mark.parametrize("store", ["", "vault"])
def test_a_pod_starts_with_all_its_secrets(render: Render, store: str) -> None:
    """Each is a key that must be there, whoever brings the Secret."""
    answers = {"secrets": ["DATABASE_URL"], "secret_store": store}
    *_, variable = deployment(render, **answers)["template"]["spec"]["containers"][0]["env"]
    reference = {"name": "payments-secrets", "key": "DATABASE_URL"}
    assert {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": reference}} == variable
    base = render("manifest", **answers) / "base"
    assert bool(store) is (base / "external-secret.yaml").exists()


@pytest.mark.parametrize("names", ["A", "[a]", "[A, A]", "[A B]", "[PORT]", "[1]", "{A: 1}"])
def test_secrets_are_names_of_variables(render: Render, names: str) -> None:
    """Each once, and none that the blueprint sets."""
    with pytest.raises(ValueError, match="The secrets must be a list"):
        render("manifest", secrets=yaml.safe_load(names))


def test_the_cluster_may_need_a_login_for_the_registry(render: Render) -> None:
    """The platform names the Secrets of it; the pods' account has them."""
    base = render("manifest", pull_secrets=["registry"]) / "base"
    assert [{"name": "registry"}] == load(base / "service-account.yaml")["imagePullSecrets"]
    assert "imagePullSecrets" not in load(render("manifest") / "base/service-account.yaml")
    with pytest.raises(ValueError, match="list of names of Secrets"):
        render("manifest", pull_secrets=["a b"])


def test_cert_manager_may_certify_the_host(render: Render) -> None:
    """By the issuer that the platform names; else the controller has a certificate."""
    made = load(render("manifest", exposure="public", cluster_issuer="le") / "base/ingress.yaml")
    plain = load(render("manifest", exposure="public") / "base/ingress.yaml")
    assert {"cert-manager.io/cluster-issuer": "le"} == made["metadata"]["annotations"]
    tls = {"hosts": ["payments.example.com"], "secretName": "payments-tls"}
    assert [tls] == made["spec"]["tls"]
    assert ({"name": "payments"}, [{"hosts": tls["hosts"]}]) == (
        plain["metadata"],
        plain["spec"]["tls"],
    )


def test_a_gateway_may_take_the_place_of_the_ingress(render: Render) -> None:
    """That of the exposure's name, in the platform's namespace."""
    base = render("manifest", exposure="internal", gateway_namespace="gateways") / "base"
    spec = load(base / "http-route.yaml")["spec"]
    assert [{"name": "internal", "namespace": "gateways"}] == spec["parentRefs"]
    assert ["payments.example.com"] == spec["hostnames"]
    assert [{"backendRefs": [{"name": "payments", "port": 80}]}] == spec["rules"]
    assert not (base / "ingress.yaml").exists()
    assert "http-route.yaml" in load(base / "kustomization.yaml")["resources"]
    alone = render("manifest", exposure="none", gateway_namespace="gateways") / "base"
    assert not (alone / "http-route.yaml").exists()


@pytest.mark.parametrize("exposure", ["internal", "public"])
def test_the_exposure_names_the_ingress_class(render: Render, exposure: str) -> None:
    """The platform's controller of that name serves the host."""
    spec = load(render("manifest", exposure=exposure) / "base/ingress.yaml")["spec"]
    assert (exposure, "payments.example.com") == (
        spec["ingressClassName"],
        spec["rules"][0]["host"],
    )


def test_every_alert_points_to_its_section(render: Render) -> None:
    """The runbook's headings are the alerts' names, and each URL ends in the heading's anchor."""
    urls = {alert["alert"]: alert["annotations"]["runbook_url"] for alert in alerts(render)}
    runbook = (render("code") / "docs/runbook.md").read_text()
    assert {name: f"{RUNBOOK}#{name.lower()}" for name in ALERTS} == urls
    assert ["First look", *ALERTS] == re.findall(r"^## (.*)$", runbook, re.MULTILINE)


def errors(times: float) -> Series:
    """Requests of which so many fail as burn the budget this many times too fast."""
    failed = times * (100 - 99.9) / 100 * 1000
    return (
        replicas(1, 1)
        | counter("http_requests_total", 'route="/", status="200"', 1000 - failed)
        | counter("http_requests_total", 'route="/", status="500"', failed)
    )


CASES = (
    outages("ServiceDown")
    | {
        f"{what}, all pods up": (replicas(1) | seen, names)
        for what, (seen, names) in WORKLOAD_CASES.items()
    }
    | {
        "errors within the budget": (errors(0.5), []),
    }
)


@needs_promtool
@pytest.mark.parametrize("what", CASES)
def test_the_alerts_that_fire(render: Render, tmp_path: Path, what: str) -> None:
    """In a total outage there is an alert, and in quiet times there is none."""
    series, names = CASES[what]
    prove(render("manifest") / "base/monitoring/prometheus-rule.yaml", tmp_path, names, series)


@needs_promtool
@pytest.mark.parametrize("answers", [{"slo": 90.0}, {"slo": 99.99, "database": True}])
def test_the_alerts_come_with_tests_that_pass(
    render: Render, tmp_path: Path, answers: dict[str, Any]
) -> None:
    """Their owners have them, whatever the objective is; two failures in the night are no alarm."""
    prove_own_tests(render("manifest", **answers) / "base/monitoring", tmp_path)


def test_the_objective_is_an_answer(render: Render) -> None:
    """It is recorded unasked; another one moves the limits of the alerts on errors."""
    rule = render("manifest", slo=99.5) / "base/monitoring/prometheus-rule.yaml"
    assert "14.4 * (1 - 99.5 / 100)" in rule.read_text()
    assert 99.9 == load(render("manifest") / ".copier-answers.yml")["slo"]
    assert "slo" not in load(render("manifest", monitoring=False) / ".copier-answers.yml")
    with pytest.raises(ValueError, match="between 90 and 99.99"):
        render("manifest", slo=100.0)


def test_alerts_reach_the_owner(render: Render) -> None:
    """Each alert is labelled for routing."""
    assert {"team-a"} == {alert["labels"]["owner"] for alert in alerts(render)}


def test_the_runbook_of_an_unmonitored_service_has_no_alerts(render: Render) -> None:
    """No section answers an alert that does not exist."""
    runbook = (render("code", monitoring=False) / "docs/runbook.md").read_text()
    assert ["First look"] == re.findall(r"^## (.*)$", runbook, re.MULTILINE)


def metrics(render: Render) -> set[str]:
    """The metrics that alerts and dashboard read."""
    dashboard = json.loads((render("manifest") / "base/monitoring/dashboard.json").read_text())
    expressions = [alert["expr"] for alert in alerts(render)]
    expressions += [panel["targets"][0]["expr"] for panel in dashboard["panels"]]
    return set(re.findall(r"(\w+)\{", " ".join(expressions)))


def test_alerts_and_dashboard_use_metrics_that_exist(render: Render) -> None:
    """Each is one that the code defines or that Prometheus or its client adds."""
    expected = WORKLOAD_METRICS | {
        "http_request_duration_seconds_bucket",
        "http_requests_total",
        "process_cpu_seconds_total",
        "process_max_fds",
        "process_open_fds",
        "process_resident_memory_bytes",
        "up",
    }
    assert expected == metrics(render)


def test_the_dashboard_leads_to_the_docs(render: Render) -> None:
    """From Grafana it is one click to the docs and the runbook."""
    dashboard = json.loads((render("manifest") / "base/monitoring/dashboard.json").read_text())
    expected = [
        ("Docs", "https://docs.example.com/payments/"),
        ("Runbook", "https://docs.example.com/payments/runbook/"),
    ]
    assert expected == [(link["title"], link["url"]) for link in dashboard["links"]]


@pytest.mark.parametrize("repo", ["manifest", "env"])
def test_schemas_refuse_unknown_fields(render: Render, repo: str) -> None:
    """A misspelt field of an alert does not pass CI."""
    schemas = render(repo) / "schemas"
    rule = json.loads((schemas / "prometheusrule-monitoring.coreos.com-v1.json").read_text())
    monitor = json.loads((schemas / "servicemonitor-monitoring.coreos.com-v1.json").read_text())
    assert (False, False) == (rule["additionalProperties"], monitor["additionalProperties"])
    more = {"exposure": "public", "gateway_namespace": "gateways", **SECRETS}
    others = render(repo, **more) / "schemas"
    for name in ("externalsecret-external-secrets.io-v1", "httproute-gateway.networking.k8s.io-v1"):
        schema = json.loads((others / f"{name}.json").read_text())
        assert False is schema["properties"]["spec"]["additionalProperties"]
    alert = rule["properties"]["spec"]["properties"]["groups"]["items"]["properties"]["rules"][
        "items"
    ]
    assert False is alert["additionalProperties"]
