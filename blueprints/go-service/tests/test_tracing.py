"""Traces: what the manifests say of them."""

from rendering import Render
from tracing import check_traces


def test_traces_reach_the_collector_that_the_platform_names(render: Render) -> None:
    """And say of which pod, release and environment they are."""
    check_traces(render, "manifest", "env")
