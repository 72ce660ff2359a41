"""What is looked at of a platform's forge, on a folder and on a real Gitea."""

import email.utils
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from scaffold.config.forges.gitea import GiteaForge
from scaffold.doctor.findings import Finding, Outcome
from scaffold.doctor.forge import look_at_forge
from scaffold.forge.reach import server_time
from scaffold.service.init import init_platform
from scaffold.service.start import PlatformStart, platform_tree
from tests.builders import commit_files, write_files
from tests.gitea import BOT, Gitea

START = PlatformStart("acme", "registry.example.com/acme")


def found(folder: Path) -> dict[str, Finding]:
    """The findings by their names."""
    return {one.name: one for one in look_at_forge(folder)}


def outcomes(folder: Path) -> dict[str, str]:
    """How each ended."""
    return {name: str(one.outcome) for name, one in found(folder).items()}


def checkout(folder: Path, settings: GiteaForge) -> Path:
    """A folder with the settings of a platform on a server."""
    told = settings.model_dump(mode="json", exclude_defaults=True)
    text = platform_tree(START, told, {"b": "https://git.example.com/b.git"})["platform.yml"].data
    write_files(folder, {"platform.yml": text})
    return folder


def test_a_forge_in_a_folder(tmp_path: Path) -> None:
    """It has no token, no webhooks and no clock of its own."""
    made = init_platform(tmp_path / "acme", START)

    assert {"platform.yml": "ok", "forge": "ok", "platform repo": "ok"} == outcomes(made.platform)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """The platform's repo can't be read, and it is said where it was looked for."""
    made = init_platform(tmp_path / "acme", START)
    (tmp_path / "acme/forge").rename(tmp_path / "moved")
    one = found(made.platform)["platform repo"]

    assert Outcome.FAILED is one.outcome
    assert f"{tmp_path}/acme/forge/platform.git" in one.found


def test_settings_that_are_not_valid(tmp_path: Path) -> None:
    """There is no forge to look at then."""
    write_files(tmp_path, {"platform.yml": "version: 1\nname: acme\nforge: {kind: svn}\n"})
    told = found(tmp_path)

    assert ["platform.yml"] == list(told)
    assert Outcome.FAILED is told["platform.yml"].outcome
    assert any("forge" in line for line in told["platform.yml"].fix)


def test_a_server_where_all_is_well(
    gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token and where it is from, its rights, the platform's repo, the webhooks' secret."""
    group = gitea.new_organisation()
    forge = gitea.forge(group)
    forge.create("platform", description="")
    commit_files(tmp_path / "repo", {"x": "1"})
    from scaffold.git import branches

    head = commit_files(tmp_path / "repo", {"x": "2"})
    branches.push(tmp_path / "repo/.git", forge.url("platform"), head, "main", expect=None)
    monkeypatch.setenv("GITEA_TOKEN", gitea.tokens[BOT])
    monkeypatch.setenv("SCAFFOLD_WEBHOOK_SECRET", "s3cret")
    folder = checkout(tmp_path, gitea.settings(group, webhook="https://bot.example.com/webhook"))
    told = found(folder)

    assert {
        "platform.yml": "ok", "forge": "ok", "clock": "ok", "token": "ok", "rights": "ok",
        "platform repo": "ok", "webhooks": "ok",
    } == {name: str(one.outcome) for name, one in told.items()}  # fmt: skip
    assert "of GITEA_TOKEN" == told["token"].found
    assert f"{gitea.url} answers" == told["forge"].found


def test_a_token_with_too_few_rights(
    gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it lacks is named; a secret that webhooks are signed with is missing."""
    group = gitea.new_organisation()
    token = gitea.limited_token("read:user", "read:organization", "write:repository")
    monkeypatch.setenv("SCAFFOLD_TOKEN", token)
    monkeypatch.delenv("SCAFFOLD_WEBHOOK_SECRET", raising=False)
    folder = checkout(tmp_path, gitea.settings(group, webhook="https://bot.example.com/webhook"))
    told = found(folder)

    assert (Outcome.FAILED, "the token can't do all that scaffold does") == (
        told["rights"].outcome, told["rights"].found,
    )  # fmt: skip
    assert "write: the token needs the scope write:organization" == told["rights"].fix[0]
    assert (Outcome.FAILED, Outcome.MISSING) == (
        told["platform repo"].outcome, told["webhooks"].outcome,
    )  # fmt: skip
    assert token not in repr(told)


def test_no_token(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more can be asked then; that the server answers was seen without it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    folder = checkout(tmp_path, gitea.settings("acme"))

    assert {"platform.yml": "ok", "forge": "ok", "clock": "ok", "token": "failed"} == outcomes(
        folder
    )


def test_a_certificate_that_nobody_knows(gitea: Gitea, tmp_path: Path) -> None:
    """It is told as for every other command, and at once."""
    told = found(checkout(tmp_path, gitea.settings("acme", ca_file="")))

    assert ["platform.yml", "forge"] == list(told)
    assert told["forge"].fix[-1].startswith("Is its certificate by a CA of your own?")


class Clock(BaseHTTPRequestHandler):
    """A server that says what time it is, or does not."""

    says: ClassVar[float | None] = None
    status: ClassVar[int] = 200
    log: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer."""
        self.log.append(self.headers.get("Authorization", ""))
        self.send_response_only(self.status)
        if self.says is not None:
            self.send_header("Date", email.utils.formatdate(self.says, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A platform on that server."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    url = f"http://127.0.0.1:{server.server_port}"
    folder = checkout(tmp_path, GiteaForge(kind="gitea", url=url, group="acme"))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("off", "outcome", "said"),
    [
        (0, "ok", "with the forge's"),
        (300, "failed", "300 s behind the forge's"),
        (-300, "failed", "300 s ahead of the forge's"),
    ],
)
def test_a_clock_that_is_wrong(
    clock: Path, monkeypatch: pytest.MonkeyPatch, off: float, outcome: str, said: str
) -> None:
    """Freezes and soak times are counted by it."""
    now = 1_800_000_000.0
    monkeypatch.setattr(Clock, "says", now + off)
    monkeypatch.setattr("scaffold.doctor.forge.time.time", lambda: now)
    one = found(clock)["clock"]

    assert (outcome, said) == (str(one.outcome), one.found)


def test_a_server_that_does_not_say_what_time_it_is(clock: Path) -> None:
    """Then the clock is not looked at."""
    assert "clock" not in found(clock)


def test_a_server_that_fails(clock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for, as other commands do."""
    monkeypatch.setattr(Clock, "status", 503)
    began = time.monotonic()
    one = found(clock)["forge"]

    assert (Outcome.FAILED, True) == (one.outcome, time.monotonic() - began < 10)
    assert "status 503" in one.found


def test_nothing_secret_is_sent_to_find_a_server(
    clock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even what ~/.netrc has for its host."""
    Clock.log.clear()
    netrc = clock / ".netrc"
    netrc.write_text("machine 127.0.0.1 login x password of-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    settings = yaml.safe_load((clock / "platform.yml").read_text())["forge"]
    server_time(GiteaForge.model_validate(settings))

    assert [""] == Clock.log
