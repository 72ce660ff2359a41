"""Small repos to deploy from, on the API server of all tests."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.pipeline.kube import Kube
from tests.pipeline.trees import EnvRepo


@pytest.fixture
def namespace(kube: Kube) -> str:
    """A namespace of this test's own."""
    name = f"shop-{uuid4().hex[:10]}"
    kube.kubectl("create", "namespace", name)
    return name


@pytest.fixture
def env_repo(tmp_path: Path, namespace: str) -> EnvRepo:
    """An env repo of the service `shop`, whose environment `dev` is released and empty."""
    repo = EnvRepo(tmp_path / "shop-env", namespace)
    repo.release()
    return repo
