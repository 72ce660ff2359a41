"""Who may ask a service: by the network policy, and by what leads to its ports."""

from typing import Any

import pytest
from rendering import Render, load, untidy


def test_operations_are_not_reached_from_outside(render: Render) -> None:
    """Prometheus asks the pods; no Service has that port, and other pods' requests alone get in."""
    base = render("manifest", exposure="public") / "base"
    ports = load(base / "service.yaml")["spec"]["ports"]
    assert [{"name": "http", "port": 80, "targetPort": "http"}] == ports
    endpoints = load(base / "monitoring/service-monitor.yaml")["spec"]["endpoints"]
    assert [{"targetPort": "operations", "path": "/metrics", "interval": "30s"}] == endpoints
    expected = [
        {"ports": [{"protocol": "TCP", "port": "http"}]},
        {
            "from": [{"namespaceSelector": {}}],
            "ports": [{"protocol": "TCP", "port": "operations"}],
        },
    ]
    assert expected == load(base / "network-policy.yaml")["spec"]["ingress"]


@pytest.mark.parametrize("cidrs", [[], ["10.0.0.0/28", "fd00::/64"]])
@pytest.mark.parametrize("exposure", ["none", "public"])
def test_only_named_namespaces_get_in(render: Render, exposure: str, cidrs: list[str]) -> None:
    """Where the platform names them; what is not exposed is asked by none from outside."""
    facts = {"ingress_namespace": "123", "monitoring_namespace": "on", "api_server_cidrs": cidrs}
    repo = render("manifest", exposure=exposure, host="a.example.com", **facts)
    policy = repo / "base/network-policy.yaml"
    assert [] == untidy(policy)

    def pods_of(name: str) -> dict[str, Any]:
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}

    outside = [pods_of("123")] if exposure == "public" else []
    api_server = [{"ipBlock": {"cidr": one}} for one in cidrs]
    expected = [
        {
            "from": [{"podSelector": {}}, *outside, *api_server],
            "ports": [{"protocol": "TCP", "port": "http"}],
        },
        {"from": [pods_of("on")], "ports": [{"protocol": "TCP", "port": "operations"}]},
    ]
    assert expected == load(policy)["spec"]["ingress"]
    comment = policy.read_text().partition("apiVersion")[0]
    assert "from pods of its own namespace" in comment
    assert ("the namespace 123, which brings requests in" in comment) is bool(outside)
    assert ("is not let in" in comment) is not bool(cidrs)
    assert "from anywhere" not in comment
    assert "Add the namespace of another service" in (repo / "README.md").read_text()
