"""What must be true of every HTTP service that keeps its data in a database."""

from pathlib import Path

import pytest
from http_manifest import deployment
from promtool import NAMESPACE, needs_promtool, prove, replicas
from rendering import Render, load


@pytest.mark.parametrize("secrets", [[], ["DATABASE_URL"]])
def test_a_database_is_migrated_before_the_service_starts(
    render: Render, secrets: list[str]
) -> None:
    """By the released image, with the address of the database and nothing else of the secrets."""
    pod = deployment(render, database=True, secrets=secrets)["template"]["spec"]
    [migrate], [app] = pod["initContainers"], pod["containers"]
    same = ("image", "securityContext", "volumeMounts")
    assert {key: app[key] for key in same} == {key: migrate[key] for key in same}
    # What a pod reserves is what the app asks for, in an environment that asks for less, too.
    assert {"cpu": "50m", "memory": "64Mi"} == migrate["resources"]["requests"]
    assert app["resources"]["limits"] == migrate["resources"]["limits"]
    reference = {"secretKeyRef": {"name": "payments-secrets", "key": "DATABASE_URL"}}
    variable = {"name": "DATABASE_URL", "valueFrom": reference}
    assert (["migrate"], [variable]) == (migrate["args"], migrate["env"])
    assert [variable] == [one for one in app["env"] if one["name"] == "DATABASE_URL"]
    policy = load(render("manifest", database=True, secrets=secrets) / "base/network-policy.yaml")
    assert {"ports": [{"protocol": "TCP", "port": 5432}]} == policy["spec"]["egress"][-1]
    assert "initContainers" not in deployment(render)["template"]["spec"]


@pytest.mark.parametrize("store", ["", "vault"])
def test_the_database_has_its_address_from_the_store(render: Render, store: str) -> None:
    """As the other secrets have theirs."""
    base = render("manifest", database=True, secret_store=store) / "base"
    assert bool(store) is (base / "external-secret.yaml").exists()
    readme = (render("env", database=True, secret_store=store) / "README.md").read_text()
    assert "must have these keys" in readme
    assert "- `DATABASE_URL`\n" in readme


@needs_promtool
@pytest.mark.parametrize(("available", "names"), [(0, ["NoReplicaReady"]), (1, [])])
def test_pods_that_wait_for_their_database_are_an_outage(
    render: Render, tmp_path: Path, available: int, names: list[str]
) -> None:
    """Prometheus reaches them, and no request does."""
    rule = render("manifest", database=True) / "base/monitoring/prometheus-rule.yaml"
    labels = f'{{namespace="{NAMESPACE}", deployment="payments"}}'
    ready = {f"kube_deployment_status_replicas_available{labels}": f"{available}x60"}
    prove(rule, tmp_path, names, replicas(1, 1), ready)
    runbook = (render("code", database=True) / "docs/runbook.md").read_text()
    assert "\n## NoReplicaReady\n" in runbook
    assert "NoReplicaReady" not in (render("code") / "docs/runbook.md").read_text()


def test_the_tests_have_a_database(render: Render) -> None:
    """Each CI starts the server that compose.yaml has, and names it to the tests alone."""
    image = load(render("code", database=True) / "compose.yaml")["services"]["postgres"]["image"]
    gitlab = load(render("code", database=True) / ".gitlab-ci.yml")["test"]
    assert [{"name": image, "alias": "postgres"}] == gitlab["services"]
    jobs = load(render("code", database=True, ci="github") / ".github/workflows/ci.yml")["jobs"]
    assert image == jobs["test"]["services"]["postgres"]["image"]
    password = gitlab["variables"]["POSTGRES_PASSWORD"]
    url = f"postgresql://postgres:{password}@postgres/postgres"
    told = [gitlab["variables"], jobs["test"]["env"]]
    assert [url, url] == [variables["TEST_DATABASE_URL"] for variables in told]
    assert "services" not in load(render("code") / ".gitlab-ci.yml")["test"]
