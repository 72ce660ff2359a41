"""What must be true of whatever sends traces, on its way to the collector."""

import pytest
from rendering import Render, load


def check_traces(render: Render, base_repo: str, env_repo: str) -> None:
    """Fail unless the pods say who they are, reach the collector and learn its address."""
    here = {"tracing": True, "otlp_endpoint": "http://otel.monitoring:4317"}
    base = render(base_repo, **here) / "base"
    spec = load(base / "deployment.yaml")["spec"]["template"]["spec"]["containers"][0]
    told = {one["name"]: one.get("value") for one in spec["env"]}
    assert "payments" == told["OTEL_SERVICE_NAME"]
    attributes = told["OTEL_RESOURCE_ATTRIBUTES"].split(",")
    assert "deployment.environment.name=$(ENVIRONMENT)" in attributes
    assert {"ENVIRONMENT", "NAMESPACE", "POD_NAME"} <= told.keys()
    assert 4317 == _port_of_last(render, base_repo, **here)
    assert 4318 == _port_of_last(render, base_repo, tracing=True)
    assert 443 == _port_of_https(render, base_repo)
    settings = render(env_repo, **here) / "environments"
    assert "\nOTEL_EXPORTER_OTLP_ENDPOINT=http://otel.monitoring:4317\n" in _text(settings, "prod")
    assert "\nOTEL_TRACES_SAMPLER=parentbased_traceidratio\n" in _text(settings, "prod")
    shares = [_text(settings, name).split("SAMPLER_ARG=")[1] for name in ("dev", "prod")]
    assert ["1\n", "0.1\n"] == shares
    own = render(env_repo, tracing=True) / "environments"
    assert "\n# OTEL_EXPORTER_OTLP_ENDPOINT=http://" in _text(own, "dev")
    assert "OTEL" not in _text(render(env_repo) / "environments", "dev")
    with pytest.raises(ValueError, match="http\\(s\\) URL of a collector"):
        render(base_repo, tracing=True, otlp_endpoint="otel:4318")


def _text(environments, name):
    return (environments / name / "config.env").read_text()


def _port_of_last(render: Render, repo: str, **answers):
    policy = load(render(repo, **answers) / "base/network-policy.yaml")
    return policy["spec"]["egress"][-1]["ports"][0]["port"]


def _port_of_https(render: Render, repo: str):
    return _port_of_last(render, repo, tracing=True, otlp_endpoint="https://otlp.example.com/otel")
