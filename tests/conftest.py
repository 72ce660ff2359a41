"""What all tests have in common."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from scaffold.git import access
from scaffold.process import find_program
from tests.forge.openapi import Description, description
from tests.gitea import TOOLS, Gitea, running_gitea
from tests.pipeline.kube import PROGRAMS, Kube, running_kube
from tests.tokens import places_of_tokens

_TESTS = Path(__file__).parent
_FORGES = frozenset({"forge", "e2e"})


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


@pytest.fixture(scope="session")
def gitea_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    """One Gitea a test worker; its program is on the PATH or in SCAFFOLD_TOOLS."""
    with pytest.MonkeyPatch.context() as patch:
        tools = os.environ.get("SCAFFOLD_TOOLS", str(TOOLS / "bin"))
        patch.setenv("PATH", os.pathsep.join([tools, os.environ.get("PATH", os.defpath)]))
        if find_program("gitea") is None:
            said = "gitea is not installed: run tests/tools/gitea/build .tools/bin"
            if os.environ.get("CI"):
                pytest.fail(said)
            pytest.skip(said)
        with running_gitea(tmp_path_factory.mktemp("gitea")) as gitea:
            yield gitea


@pytest.fixture
def gitea(
    gitea_server: Gitea,
    monkeypatch: pytest.MonkeyPatch,
) -> Gitea:
    """The server, which git has no token for yet."""
    monkeypatch.setattr(access, "_accesses", {})
    return gitea_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """No test of a forge leaves a token in what it printed or logged, or in any of its files."""
    report = yield
    if call.when == "call" and _FORGES.intersection(item.path.relative_to(_TESTS).parts):
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        found = places_of_tokens(dict(report.sections), folder)
        if found:
            report.outcome = "failed"
            report.longrepr = f"a token is in: {', '.join(found)}"
    return report


@pytest.fixture(scope="session")
def github_description() -> Description:
    """What GitHub publishes of its API, which the set-up of the tests brings."""
    file = TOOLS / "share/github-openapi.json"
    if not file.exists():
        said = (
            "GitHub's OpenAPI description is not there: run tests/tools/github/build .tools/share"
        )
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return description(file)
