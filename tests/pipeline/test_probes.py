"""Which path of a Service is asked: that of the pods behind it."""

import pytest

from scaffold.pipeline.deploy.probes import probe_of
from tests.pipeline.trees import Item, deployment, service


def web(port: int | str, **get: str) -> Item:
    """A Deployment whose readiness is asked for on a port of this name or number."""
    probe = {"httpGet": {"port": port, **get}}
    ports = [{"name": "http", "containerPort": 8080}]
    item = deployment("web", ports=ports, readinessProbe=probe)
    item["metadata"]["namespace"] = "dev"
    return item


def front(**port: int | str) -> Item:
    """A Service with one port."""
    item = service("web", ports=[{"name": "front", "port": 80, **port}])
    item["metadata"]["namespace"] = "dev"
    return item


@pytest.mark.parametrize("probed", ["http", 8080])
@pytest.mark.parametrize("target", ["http", 8080])
def test_ports_by_name_or_number(probed: int | str, target: int | str) -> None:
    """A port is the same one whether named or numbered, on either side."""
    found = probe_of(front(targetPort=target), [web(probed, path="/readyz")])

    assert found is not None
    assert "/api/v1/namespaces/dev/services/web:80/proxy/readyz" == found.proxy_path


def test_https() -> None:
    """A probe over HTTPS is asked for over HTTPS."""
    found = probe_of(front(targetPort=8080), [web(8080, scheme="HTTPS", path="/up?full=1")])

    assert found is not None
    assert "/api/v1/namespaces/dev/services/https:web:80/proxy/up?full=1" == found.proxy_path


def test_a_port_without_a_target() -> None:
    """A Service's port leads to the same number unless it says otherwise."""
    assert probe_of(front(port=8080), [web(8080)]) is not None
    assert probe_of(front(), [web(8080)]) is None


def test_a_service_of_other_pods() -> None:
    """A Service that selects other pods, or none, has no path."""
    other = front(targetPort=8080)
    other["spec"]["selector"] = {"app": "other"}
    none = front(targetPort=8080)
    none["spec"]["selector"] = None

    assert probe_of(other, [web(8080)]) is None
    assert probe_of(none, [web(8080)]) is None
