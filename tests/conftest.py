"""What all tests have in common."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from scaffold.git import access
from tests import areas
from tests.builders import need_programs
from tests.forge.openapi import Description, description
from tests.gitea import TOOLS, Gitea, running_gitea
from tests.pipeline.kube import PROGRAMS, Kube, running_kube
from tests.prepared import Prepared
from tests.service import run
from tests.service.terminal import Start, terminals
from tests.tokens import places_of_tokens
from tests.upgrade.fleet import Fleet, FleetOf, make_fleet

_TESTS = Path(__file__).parent
_FORGES = frozenset({"forge", "e2e"})


def pytest_configure(config: pytest.Config) -> None:
    """Let the areas mark their tests, and tell at the end what did not run."""
    if not config.pluginmanager.has_plugin(areas.__name__):
        config.pluginmanager.register(areas, areas.__name__)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The folders that many tests begin with."""
    return Prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def fleet_of(prepared: Prepared) -> FleetOf:
    """A function: the platform of `make_fleet`, with the services that are named."""

    def get(*services: str) -> Fleet:
        name = "-".join(("fleet", *services))
        return Fleet(prepared.fresh(name, lambda root: make_fleet(root, *services)))

    return get


@pytest.fixture
def in_terminal() -> Iterator[Start]:
    """A function that starts a command in a folder, in a terminal of its own."""
    yield from terminals()


def _init(folder: Path) -> None:
    made = run.scaffold("init", folder.name, "--defaults", cwd=folder.parent)
    assert 0 == made.returncode, made.stderr


def _with_payments(folder: Path) -> None:
    _init(folder)
    made = run.scaffold("new", "service", "payments", "--defaults", cwd=folder)
    assert 0 == made.returncode, made.stderr


@pytest.fixture
def workspace(prepared: Prepared) -> Path:
    """A fresh platform with the shipped blueprints."""
    return prepared.fresh("platform", _init)


@pytest.fixture
def with_payments(prepared: Prepared) -> Path:
    """A fresh platform with the service `payments`, of the default blueprint."""
    return prepared.fresh("payments", _with_payments)


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are made by somebody, whoever runs the tests."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture(autouse=True)
def _no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registries of the tests' platforms are not asked: nothing leaves this machine.

    Unless a fixture runs one, and has said where.
    """
    if "CONTAINERS_REGISTRIES_CONF" not in os.environ:
        monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(_TESTS / "registries.conf"))


@pytest.fixture
def on_a_terminal() -> Callable[..., str]:
    """A function: what the program shows on a terminal that has colours."""
    return run.on_a_terminal


@pytest.fixture(scope="session")
def kube_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """One API server a test worker; its programs are on the PATH or in SCAFFOLD_TOOLS."""
    with pytest.MonkeyPatch.context() as patch:
        need_programs(patch, *PROGRAMS)
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
        need_programs(patch, "gitea")
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
        areas.does_not_run(file.name, "the file is not there")
    return description(file)
