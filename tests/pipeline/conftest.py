"""The API server that the tests of this folder share, and small repos to deploy from."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from scaffold.process import find_program
from tests.pipeline.kube import PROGRAMS, Kube, running_kube
from tests.pipeline.trees import EnvRepo


@pytest.fixture(scope="session")
def kube_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """One API server a test worker; its programs are on the PATH or in SCAFFOLD_TOOLS."""
    with pytest.MonkeyPatch.context() as patch:
        tools = os.environ.get("SCAFFOLD_TOOLS", str(Path(__file__).parents[2] / ".tools/bin"))
        patch.setenv("PATH", os.pathsep.join([tools, os.environ.get("PATH", os.defpath)]))
        if missing := [name for name in PROGRAMS if find_program(name) is None]:
            said = f"{', '.join(missing)} not installed: run tests/tools/kube/build .tools/bin"
            if os.environ.get("CI"):
                pytest.fail(said)
            pytest.skip(said)
        with running_kube(tmp_path_factory.mktemp("kube")) as kube:
            yield kube


@pytest.fixture
def kube(kube_server: Kube, monkeypatch: pytest.MonkeyPatch) -> Kube:
    """The API server, which kubectl talks to by default."""
    monkeypatch.setenv("KUBECONFIG", str(kube_server.kubeconfig))
    return kube_server


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
