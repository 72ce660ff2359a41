"""`scaffold pipeline smoke` against a real API server, with a real HTTP server behind a Service.

No kubelet runs here, so the tests say for it what a workload's status is and where its pods are.
"""

import json
import re
import socket
import textwrap
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scaffold.errors import ConfigError, DeployError
from scaffold.pipeline.asking import rounds
from scaffold.pipeline.deploy.step import deploy
from scaffold.pipeline.smoke import smoke
from tests.areas import NOT_HERE
from tests.pipeline.kube import Kube
from tests.pipeline.test_cli import call
from tests.pipeline.trees import EnvRepo, config_map, deployment, service

DOCS = Path(__file__).parents[2] / "docs/how-to/smoke.md"
PROBE = {"httpGet": {"path": "/readyz", "port": "http"}}
CONTAINER = {"ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": PROBE}
HTTP = {"name": "http", "port": 80, "targetPort": "http"}


class App(BaseHTTPRequestHandler):
    """Answers with the server's status, a greeting and the header, and notes what it was asked."""

    def do_GET(self) -> None:
        """Answer a GET."""
        assert isinstance(self.server, AppServer)
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps({"hello": self.headers.get("X-Who")}).encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


class AppServer(ThreadingHTTPServer):
    """A pod's stand-in."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), App)  # noqa: S104 - the API server takes no loopback
        self.asked: list[str] = []


@pytest.fixture
def app() -> Iterator[AppServer]:
    """A running HTTP server."""
    with AppServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def own_address() -> str:
    """An address of this machine that is not loopback, which a Service can lead to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            address = str(probe.getsockname()[0])
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        pytest.skip(f"{NOT_HERE}a Service can't lead to loopback, and there is no other address")
    return address


def lead(kube: Kube, namespace: str, name: str, app: AppServer) -> None:
    """Lead a Service to the running server: a pod with its address, and the endpoint of it.

    The API server asks only what is the address of a pod.
    """
    address, space = own_address(), f"--namespace={namespace}"
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [{"name": "app", "image": "app:1"}]},
    }
    target = {"kind": "Pod", "namespace": namespace, "name": name}
    endpoints = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name, "namespace": namespace},
        "subsets": [
            {
                "addresses": [{"ip": address, "targetRef": target}],
                "ports": [{"name": "http", "port": app.server_port}],
            }
        ],
    }
    status = json.dumps({"status": {"podIP": address, "podIPs": [{"ip": address}]}})
    kube.create(json.dumps(pod))
    kube.kubectl("patch", "pod", name, space, "--subresource=status", "--patch", status)
    kube.create(json.dumps(endpoints))


def roll_out(kube: Kube, namespace: str, name: str) -> None:
    """Say that a Deployment's pods are the new ones and ready."""
    found = kube.get("deployment", name, namespace)
    assert found is not None
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 1)
    status = {"observedGeneration": found["metadata"]["generation"], **counts}
    kube.kubectl(
        "patch", "deployment", name, f"--namespace={namespace}", "--subresource=status",
        "--type=merge", "--patch", json.dumps({"status": status}),
    )  # fmt: skip


def test_what_is_up_and_answers(kube: Kube, env_repo: EnvRepo, app: AppServer) -> None:
    """The readiness path must be asked for through the Service, on the port that leads to it."""
    ports = [{"name": "metrics", "port": 9}, HTTP]
    env_repo.write(deployment("web", **CONTAINER), service("web", ports=ports))
    deploy(env_repo.path, "dev")
    roll_out(kube, env_repo.namespace, "web")
    lead(kube, env_repo.namespace, "web", app)

    done = smoke(env_repo.path, "dev", timeout=30)

    space = env_repo.namespace
    assert [f"Deployment.apps {space}/web"] == [str(key) for key in done.rolled_out]
    expected = [("web is ready", f"{space}/web:80/readyz", True)]
    assert expected == [(one.check.name, one.check.probe.shown, one.ok) for one in done.outcomes]
    assert ["/readyz"] == app.asked


SMOKE = """\
budget: 1.5
checks:
- {name: greets, path: "/hello?to=x", headers: {X-Who: me}, json: {hello: me}}
- {name: wrong, path: /x, status: 404, retries: 0}
- {name: elsewhere, path: /, port: 9, retries: 0}
"""
NO_ENDPOINT = (
    "status 503 came, 2xx was expected; the API server says: no endpoints available for service "
    '"web:9"'
)


def test_what_is_declared_is_asked(kube: Kube, env_repo: EnvRepo, app: AppServer) -> None:
    """In place of the readiness path: each check with its header, and what came is told."""
    ports = [HTTP, {"name": "metrics", "port": 9}]
    env_repo.write(deployment("web", **CONTAINER), service("web", ports=ports))
    deploy(env_repo.path, "dev")
    roll_out(kube, env_repo.namespace, "web")
    lead(kube, env_repo.namespace, "web", app)
    (env_repo.path / "environments/smoke.yml").write_text(SMOKE)
    report = env_repo.path / "reports/smoke.xml"

    done = call(
        "smoke", "--environment", "dev", "--path", str(env_repo.path), "--junit", str(report)
    )

    at = f"{env_repo.namespace}/web"
    said = re.sub(r"\([0-9.]+ s", "(0.01 s", done.output).splitlines()
    assert 1 == done.exit_code
    assert [
        f"rolled out  Deployment.apps {at}",
        f"ok          greets: {at}:80/hello?to=x (0.01 s)",
        f"failed      wrong: {at}:80/x (0.01 s)",
        '            status 200 came, 404 was expected; the answer begins: {"hello": null}',
        f"failed      elsewhere: {at}:9/ (0.01 s)",
        f"            {NO_ENDPOINT}",
        "shop in dev: 2 of 3 checks failed.",
        "The pods' logs tell why; to go back, revert the last release's commit.",
    ] == said
    assert ["/hello?to=x", "/x"] == app.asked
    suite = ET.parse(report).getroot()  # noqa: S314 - it was made here
    assert ("3", "2", "0") == tuple(suite.attrib[one] for one in ("tests", "failures", "errors"))

    probed = call("probe", "--path", str(env_repo.path), "--textfile", str(report))
    # The same, but for the rollout before it and the advice after it, and for the times.
    assert ["shop in dev fails:", *(f"  {line}" for line in said[1:-2])] == re.sub(
        r"\([0-9.]+ s", "(0.01 s", probed.output
    ).splitlines()
    assert 1 == probed.exit_code
    assert 'scaffold_probe_success{check="greets",environment="dev",service="shop"} 1.0' in (
        report.read_text()
    )


def test_a_declaration_that_does_not_fit_the_release(env_repo: EnvRepo) -> None:
    """A Service that the release has not is told with its line and those that there are."""
    env_repo.write(service("web"), service("admin"))
    deploy(env_repo.path, "dev")
    file = env_repo.folder / "smoke.yml"
    report = env_repo.path / "smoke.xml"
    for text, what in (
        ("checks:\n- {name: a, path: /}", "the check `a` must say which Service it asks"),
        (
            "checks:\n- name: a\n  path: /\n  service: api",
            "the release has no Service `api`, or more than one",
        ),
        ("checks:\n- name: a\n  path: /\n  service: web\n  port: 81", "has no port 81"),
    ):
        file.write_text(text)
        with pytest.raises(ConfigError, match=re.escape(what)) as caught:
            smoke(env_repo.path, "dev", timeout=1)
        assert f"environments/dev/smoke.yml:{len(text.splitlines())}" == caught.value.where

    done = call(
        "smoke", "--environment", "dev", "--path", str(env_repo.path), "--junit", str(report)
    )

    assert isinstance(done.exception, ConfigError)
    assert "has no port 81" in report.read_text()
    env_repo.write(config_map("settings"))
    deploy(env_repo.path, "dev")
    with pytest.raises(ConfigError, match="the release has no Service that could be asked"):
        smoke(env_repo.path, "dev", timeout=1)


def test_an_account_that_may_only_look(kube: Kube, env_repo: EnvRepo, app: AppServer) -> None:
    """The role that the docs have is enough, and without it nothing is found to be up."""
    env_repo.write(deployment("web", **CONTAINER), service("web", ports=[HTTP]))
    deploy(env_repo.path, "dev")
    roll_out(kube, env_repo.namespace, "web")
    lead(kube, env_repo.namespace, "web", app)
    env_repo.describe(context="nobody")
    with pytest.raises(DeployError) as refused:
        smoke(env_repo.path, "dev", timeout=30)
    assert "forbidden" in " ".join(refused.value.details)

    (role,) = re.findall(r"```yaml\n( +apiVersion: rbac.*?)```", DOCS.read_text(), re.DOTALL)
    kube.kubectl("apply", "--filename=-", stdin=textwrap.dedent(role))
    kube.kubectl(
        "create", "rolebinding", "smoke", "--clusterrole=smoke", "--user=nobody",
        f"--namespace={env_repo.namespace}",
    )  # fmt: skip

    assert [True] == [one.ok for one in smoke(env_repo.path, "dev", timeout=30).outcomes]


def test_what_does_not_answer(
    kube: Kube, env_repo: EnvRepo, app: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 503 until the end of the time must fail, and tell what did not answer."""
    monkeypatch.setattr(rounds, "PAUSE", 0.4)
    app.status = 503
    env_repo.write(deployment("web", **CONTAINER), service("web", ports=[HTTP]))
    deploy(env_repo.path, "dev")
    roll_out(kube, env_repo.namespace, "web")
    lead(kube, env_repo.namespace, "web", app)

    (failed,) = smoke(env_repo.path, "dev", timeout=2).failed

    assert failed.problem.startswith("status 503 came, 2xx was expected; ")
    assert len(app.asked) >= 2


def test_what_does_not_roll_out(env_repo: EnvRepo) -> None:
    """A workload whose pods do not come must fail after the time, and say where to look."""
    env_repo.write(deployment("web"))
    deploy(env_repo.path, "dev")

    with pytest.raises(DeployError, match="did not roll out within 1 s") as caught:
        smoke(env_repo.path, "dev", timeout=1)

    command = f"kubectl describe deployment web --namespace {env_repo.namespace}"
    assert command in caught.value.hint


def test_a_service_without_a_readiness_path(kube: Kube, env_repo: EnvRepo) -> None:
    """It must be reported as not asked, not as one that answered."""
    env_repo.write(deployment("web"), service("web"))
    deploy(env_repo.path, "dev")
    roll_out(kube, env_repo.namespace, "web")

    done = smoke(env_repo.path, "dev", timeout=30)

    assert () == done.outcomes
    assert [f"Service {env_repo.namespace}/web"] == [str(key) for key in done.not_asked]


def test_nothing_promoted_yet(env_repo: EnvRepo) -> None:
    """Before the first promotion there is nothing to ask, and that is no failure."""
    env_repo.unrelease()

    assert (
        "`dev` has nothing promoted to it yet: nothing to ask"
        == smoke(env_repo.path, "dev", timeout=1).note
    )


def test_released_and_not_deployed(env_repo: EnvRepo) -> None:
    """A release that nobody deployed must not pass as one that works."""
    env_repo.write(deployment("web"))

    with pytest.raises(DeployError, match="the release was not deployed there yet") as caught:
        smoke(env_repo.path, "dev", timeout=1)

    assert (
        "Run `scaffold pipeline deploy --environment dev` first; where Flux or Argo CD deploys, "
        "see what that says." == caught.value.hint
    )


def test_a_part_that_is_gone(kube: Kube, env_repo: EnvRepo) -> None:
    """A workload or Service that somebody deleted since must fail, and be named."""
    env_repo.write(deployment("web"), service("web"))
    deploy(env_repo.path, "dev")
    kube.kubectl("delete", "service", "web", f"--namespace={env_repo.namespace}")

    with pytest.raises(DeployError, match="a part of the release is not there") as caught:
        smoke(env_repo.path, "dev", timeout=1)

    assert (f"Service {env_repo.namespace}/web",) == caught.value.details


def test_a_release_without_workloads(env_repo: EnvRepo) -> None:
    """There is nothing to ask, and it must say so in place of that all is up."""
    env_repo.write(config_map("settings"))

    done = smoke(env_repo.path, "dev", timeout=1)

    assert "`dev` has no workload and no Service: nothing to ask" == done.note


def test_what_an_engine_has_deployed(kube: Kube, env_repo: EnvRepo) -> None:
    """It needs no inventory of ours, and puts what names no namespace into the service's."""
    env_repo.write(deployment("web"), anywhere=True)
    (env_repo.path / "applied.json").write_text(json.dumps(deployment("web")))
    kube.kubectl(
        "apply", f"--namespace={env_repo.namespace}", f"--filename={env_repo.path}/applied.json"
    )
    roll_out(kube, env_repo.namespace, "web")

    done = smoke(env_repo.path, "dev", timeout=30)

    expected = [f"Deployment.apps {env_repo.namespace}/web"]
    assert expected == [str(key) for key in done.rolled_out]
