"""Slack over real HTTP, by its own client: what arrives, and that nothing there matters to a pass.

A server on loopback stands in for hooks.slack.com; what it is sent is what Slack's reference of
incoming webhooks asks for: a POST of a JSON object with `text`.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scaffold.bot import slack as slack_module
from scaffold.bot.notify import Message
from scaffold.bot.slack import SLACK_VARIABLE, slack_from_environment
from tests.cli.test_chain import make_platform_in_step
from tests.service.run import scaffold

SECRET = "T0001/B0002/s3cret"  # noqa: S105 - of no use anywhere
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass
class Hooks:
    """A server: how it answers, and the path, content type and body of what came."""

    status: int = 200
    hangs: bool = False
    address: str = ""
    came: list[tuple[str, str, bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        """What people would read."""
        return [json.loads(body)["text"] for _, _, body in self.came]


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooks]:
    """The server, which the environment names."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    found = Hooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.came.append((self.path, self.headers["content-type"], body))
            if found.hangs:
                found.over.wait(30)
                return
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    found.address = f"http://127.0.0.1:{server.server_port}/services/{SECRET}"
    monkeypatch.setenv(SLACK_VARIABLE, found.address)
    yield found
    found.over.set()
    server.shutdown()
    server.server_close()


def tell(*texts: str) -> None:
    """Let the bot of this process tell."""
    slack = slack_from_environment("file:///platform.git")
    assert slack is not None
    slack.tell([Message("shop", text, text) for text in texts], {"shop"})


def test_what_arrives_of_a_pass(hooks: Hooks, tmp_path: Path) -> None:
    """One POST for each pin that moved, and what each says."""
    world = make_platform_in_step(tmp_path)
    code = world.commit("code", {"app.py": "two\n"})

    done = scaffold("bot", "run", "--once", cwd=tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    docker, manifest, env = (world.head(part) for part in ("docker", "manifest", "env"))
    assert [
        f"*shop* docker moved: {code[:12]}\ncommit shop-docker@{docker[:12]}",
        f"*shop* manifest moved: {docker[:12]}\ncommit shop-manifest@{manifest[:12]}",
        f"*shop* dev moved: {manifest[:12]}\ncommit shop-env@{env[:12]}",
    ] == hooks.texts
    path, kind, body = hooks.came[0]
    assert (f"/services/{SECRET}", "application/json;charset=utf-8") == (path, kind)
    assert {"text": hooks.texts[0]} == json.loads(body)


def test_a_dry_run_tells_nobody(hooks: Hooks, tmp_path: Path) -> None:
    """It shows what the pass then tells, but for the ids of commits that the pass makes."""
    world = make_platform_in_step(tmp_path)
    code = world.commit("code", {"app.py": "two\n"})

    would = scaffold("bot", "run", "--dry-run", "--output", "json", cwd=tmp_path)
    assert [] == hooks.texts
    scaffold("bot", "run", "--once", cwd=tmp_path)
    again = scaffold("bot", "run", "--dry-run", "--output", "json", cwd=tmp_path)

    messages = json.loads(would.stdout)["messages"]
    assert f"*shop* docker moved: {code[:12]}" == messages[0].splitlines()[0]
    ids = re.compile(r"\b[0-9a-f]{12}\b")
    assert [ids.sub("", one) for one in messages] == [ids.sub("", one) for one in hooks.texts]
    assert [] == json.loads(again.stdout)["messages"]


def test_a_failure_of_a_pass(hooks: Hooks, tmp_path: Path) -> None:
    """What a file holds calls nobody: Slack's own characters arrive as text."""
    world = make_platform_in_step(tmp_path)
    world.commit("docker", {"upstream.yml": "shop: {url: a, commit: '<!channel> & co'}\n"})

    done = scaffold("bot", "run", "--once", cwd=tmp_path)

    assert 1 == done.returncode
    (text,) = hooks.texts
    assert text.startswith(
        ":x: shop failed: shop-docker:upstream.yml: `commit` is '&lt;!channel&gt; &amp; co', not a"
    )


def test_a_server_that_fails(
    hooks: Hooks, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The pass is what it would be without; one attempt, and nothing tells the address."""
    hooks.status = 500
    world = make_platform_in_step(tmp_path)
    world.commit("code", {"app.py": "two\n"})

    done = scaffold("bot", "run", "--once", cwd=tmp_path)

    assert (0, 3) == (done.returncode, done.stdout.count("moved"))
    assert (1, False) == (len(hooks.came), SECRET in done.stdout + done.stderr)
    with caplog.at_level(logging.DEBUG):
        tell("a", "b")
    assert (2, ["slack failed"]) == (len(hooks.came), caplog.messages)


def test_a_server_that_hangs(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs one time-out, however much there is to tell; and that is short."""
    assert slack_module._TIMEOUT <= 5
    monkeypatch.setattr(slack_module, "_TIMEOUT", 0.3)
    hooks.hangs = True

    started = time.monotonic()
    tell("a", "b", "c")

    assert (True, 1) == (time.monotonic() - started < 5, len(hooks.came))


@pytest.mark.parametrize(
    "address",
    [
        f"http://127.0.0.1:1/services/{SECRET}",
        f"http://nobody.invalid/services/{SECRET}",
        f"hooks.slack.com/services/{SECRET}",
        f"ftp://127.0.0.1/services/{SECRET}",
        f"http://127.0.0.1:1/services/{SECRET} x\n{SECRET}",
        SECRET,
    ],
    ids=["closed port", "no such host", "no scheme", "other scheme", "two lines", "no address"],
)
def test_the_address_is_a_secret(
    address: str,
    hooks: Hooks,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever is wrong with it, no log of any level has it, the client's own neither."""
    monkeypatch.setenv(SLACK_VARIABLE, address)
    with caplog.at_level(logging.DEBUG):
        tell("a")

    said = "".join([caplog.text, *capfd.readouterr(), *map(str, (vars(r) for r in caplog.records))])
    assert (["slack failed"], False) == (caplog.messages, "s3cret" in said)
    assert [] == hooks.came


def test_a_line_end_after_the_address(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of secrets often end in one."""
    monkeypatch.setenv(SLACK_VARIABLE, f"{hooks.address}\n")
    tell("a")

    assert ["a"] == hooks.texts


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_off(
    value: str | None, hooks: Hooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an address nothing is sent anywhere."""
    if value is None:
        monkeypatch.delenv(SLACK_VARIABLE)
    else:
        monkeypatch.setenv(SLACK_VARIABLE, value)
    world = make_platform_in_step(tmp_path)
    world.commit("code", {"app.py": "two\n"})

    assert 3 == scaffold("bot", "run", "--once", cwd=tmp_path).stdout.count("moved")
    assert [] == hooks.came


def test_a_promotion_by_hand_is_told_as_the_bots_are(hooks: Hooks, tmp_path: Path) -> None:
    """Who did it, what it went past, and what it brings."""
    world = make_platform_in_step(tmp_path)
    done = scaffold("promote", "shop", "--to", "staging", "--force", cwd=world.root)
    assert 0 == done.returncode, done.stderr

    (text,) = hooks.texts
    first, second, *rest = text.splitlines()
    assert f"*shop* staging promoted: {(world.pin('dev') or '')[:12]}" == first
    assert re.fullmatch(r"by .+, past policy: soaking, until \S+", second)
    assert any("Create shop-code" in line for line in rest)


def test_a_channel_of_its_own(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is about a service goes where its owner, or its policy, says; that it is over, too."""
    monkeypatch.setenv(f"{SLACK_VARIABLE}_TEAM_A", f"{hooks.address}-of-team-a")
    slack = slack_from_environment("file:///platform.git")
    assert slack is not None
    slack.tell(
        [
            Message("shop", "a", "red", over="green", channel="team-a"),
            Message("cart", "b", "moved", channel="team-b"),
        ],
        {"shop", "cart"},
    )
    slack.tell([], {"shop", "cart"})
    assert [("red", True), ("moved", False), ("green", True)] == [
        (text, path.endswith("-of-team-a"))
        for text, (path, *_) in zip(hooks.texts, hooks.came, strict=True)
    ]
