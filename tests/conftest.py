"""What all tests have in common."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.process import find_program
from tests.pipeline.kube import PROGRAMS, Kube, running_kube


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are made by somebody, whoever runs the tests."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture(scope="session")
def kube_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """One API server a test worker; its programs are on the PATH or in SCAFFOLD_TOOLS."""
    with pytest.MonkeyPatch.context() as patch:
        tools = os.environ.get("SCAFFOLD_TOOLS", str(Path(__file__).parents[1] / ".tools/bin"))
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
