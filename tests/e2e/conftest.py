"""The API server that the tests of this folder deploy to."""

from tests.pipeline.conftest import kube, kube_server

__all__ = ["kube", "kube_server"]
