"""`scaffold new service` on a real Gitea, while the server fails: run again, it is whole."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from scaffold import process
from scaffold.errors import ForgeError
from scaffold.fleet.platform import PlatformRepo, open_platform
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.forge.rest import RestApi
from scaffold.git import program
from scaffold.git.branches import remote_head
from scaffold.git.scratch import scratch_folder
from scaffold.process import Finished
from scaffold.service.create import create_service
from scaffold.service.init_server import make_on_server, plan_server_init
from scaffold.service.plan import assemble_service, pick_blueprint
from scaffold.service.start import PlatformStart
from tests.gitea import BOT, Gitea

pytestmark = pytest.mark.xdist_group("gitea")
PARTS = ("code", "docker", "manifest", "env")
NOT_FOUND = b"remote: Not found.\nfatal: repository 'https://x/' not found\n"


@pytest.fixture
def platform(
    gitea: Gitea, group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PlatformRepo:
    """A platform on the server."""
    monkeypatch.setenv("SCAFFOLD_TOKEN", gitea.tokens[BOT])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    start = PlatformStart("acme", "registry.example.com/acme")
    plan = plan_server_init(tmp_path / "acme", start, gitea.settings(group))
    return open_platform(make_on_server(plan).platform)


@pytest.fixture
def group(gitea: Gitea) -> str:
    """An organisation of this test's own."""
    return gitea.new_organisation()


def make(platform: PlatformRepo) -> None:
    """`scaffold new service payments --defaults`."""
    with scratch_folder() as scratch:
        picked = pick_blueprint(platform, None, None, scratch)
        given = {"service": "payments"}
        plan = assemble_service(
            platform, picked, given, wanted_version=None, prompt=None,
            author=program.identity(), scratch=scratch,
            busy=lambda _: nullcontext(),
        )  # fmt: skip
        with create_service(platform, plan):
            pass


def is_whole(gitea: Gitea, platform: PlatformRepo, group: str) -> bool:
    """Four repos, each with main, its teams and its rule, and an entry in the catalog."""
    for part in PARTS:
        path = f"/repos/{group}/payments-{part}"
        if (
            len(gitea.get(f"{path}/teams")) != 4
            or len(gitea.get(f"{path}/branch_protections")) != 1
        ):
            return False
        if remote_head(platform.forge.url(f"payments-{part}")) is None:
            return False
    return open_platform(platform.folder).service("payments") is not None


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[list[int]]:
    """Let the call of that number that changes something on the server fail for good."""
    count = [0]
    send = RestApi.send

    def fail(self: RestApi, method: str, *more: Any, **named: Any) -> Any:
        if method != "GET":
            count[0] += 1
            if count[0] == number:
                raise ForgeError("status 500, as the test wants it")
        return send(self, method, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(RestApi, "send", fail)
        yield count


def test_any_call_fails_and_the_next_run_makes_it_whole(
    gitea: Gitea, platform: PlatformRepo, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run takes back what it made (backstage #24876); no half service is left, nor registered."""
    number = 1
    while True:
        with failing(monkeypatch, number) as count, suppress(ForgeError):
            make(platform)
        if count[0] < number:  # there were not that many calls
            break
        assert open_platform(platform.folder).service("payments") is None
        assert [None] * 4 == [platform.forge.find(f"payments-{part}") for part in PARTS]
        number += 6
    assert is_whole(gitea, platform, group)


def test_a_run_that_was_killed_is_finished(
    gitea: Gitea, platform: PlatformRepo, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it had made stays (nothing can be deleted), and the next run goes on from there."""

    def keep(_self: GiteaOrganisationForge, repo: str) -> None:
        raise ForgeError(f"can't delete {repo}")

    monkeypatch.setattr(GiteaOrganisationForge, "delete", keep)
    for number in (1, 3, 9, 15):
        with failing(monkeypatch, number), pytest.raises(ForgeError):
            make(platform)

    make(platform)

    assert is_whole(gitea, platform, group)


def test_a_new_repo_that_is_not_found_at_first(
    gitea: Gitea, platform: PlatformRepo, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first pushes after creation meet "not found" (backstage #25821), and are tried again."""
    real = process.run
    waits: list[float] = []
    missed: list[list[str]] = []

    def late(command: list[str], **more: Any) -> Finished:
        new = "payments-code.git" in "".join(command)
        if "push" in command and new and len(missed) < 3:
            missed.append(command)
            return Finished(128, b"", NOT_FOUND)
        return real(command, **more)

    monkeypatch.setattr(program, "run", late)
    monkeypatch.setattr("time.sleep", waits.append)

    make(platform)

    assert (3, [0.5, 1.0, 2.0]) == (len(missed), [one for one in waits if one >= 0.5])
    assert is_whole(gitea, platform, group)


def test_init_is_finished_by_the_next_run(
    gitea: Gitea, group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform whose making failed anywhere before its main is made by the same command."""
    monkeypatch.setenv("SCAFFOLD_TOKEN", gitea.tokens[BOT])
    start = PlatformStart("acme", "registry.example.com/acme")
    for number in (1, 2, 3):
        plan = plan_server_init(tmp_path / "acme", start, gitea.settings(group))
        with failing(monkeypatch, number), pytest.raises(ForgeError):
            make_on_server(plan)
    made = make_on_server(plan_server_init(tmp_path / "acme", start, gitea.settings(group)))

    assert "acme" == open_platform(made.platform).model.name
