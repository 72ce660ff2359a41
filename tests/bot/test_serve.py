"""The bot's server: webhooks, health and metrics over real HTTP."""

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scaffold.bot import web
from scaffold.bot.passes import PassReport
from scaffold.bot.serve import BotServer, Place, Work
from scaffold.bot.stopping import Stopping
from scaffold.config.service import PairedRepo, Service
from scaffold.errors import ListenError

SERVICE = Service(
    name="payments", owner="a", summary="", blueprint="b",
    repos={"code": PairedRepo(name="payments-code", url="https://git.example.com/payments-code.git")},
)  # fmt: skip
EVENT = b'{"project": {"git_http_url": "https://git.example.com/payments-code.git"}}'
SECRET = "s3cret"  # noqa: S105 - of this test alone
SIGNED = {"X-Gitlab-Token": SECRET}


class Passes:
    """Records what it is asked to look at; fails when it is told to, or waits."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str] | None] = []
        self.broken = False
        self.gone = False
        self.looks = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._changed = threading.Condition()

    def services(self) -> tuple[Service, ...]:
        """Who there is."""
        with self._changed:
            self.looks += 1
            self._changed.notify_all()
        if self.gone:
            raise OSError("the platform is away")
        return (SERVICE,)

    def __call__(self, only: frozenset[str] | None) -> PassReport:
        """One pass."""
        with self._changed:
            self.asked.append(only)
            self._changed.notify_all()
        assert self.may_go_on.wait(30)
        if self.broken:
            raise OSError("the platform is away")
        return PassReport((), ())

    def wait(self, number: int) -> None:
        """Wait until so many passes were begun."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) >= number, 30), self.asked

    def wait_for_looks(self, number: int) -> None:
        """Wait until it was asked so often who there is."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.looks >= number, 30)


@pytest.fixture
def passes() -> Passes:
    """The passes of one server."""
    return Passes()


@pytest.fixture
def server(passes: Passes) -> Iterator[BotServer]:
    """A server on a free port, which has begun its first pass."""
    with serving(passes, interval=600) as server:
        yield server


@contextmanager
def serving(passes: Passes, interval: float) -> Iterator[BotServer]:
    """A server with one service; full passes come every `interval` seconds."""
    stopping = Stopping()
    work = Work(passes, passes.services)
    server = BotServer(work, stopping, Place("127.0.0.1", 0), secret=SECRET, interval=interval)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        passes.wait(1)
        yield server
    finally:
        passes.may_go_on.set()
        stopping.ask()
        thread.join(30)


Told = tuple[int, Any]


def request(
    server: BotServer,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    method: str | None = None,
) -> Told:
    """Status of an answer, and what its JSON says; the text of metrics."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", body, headers or {}, method=method
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - as above
            text = answer.read().decode()
            return answer.status, text if path == "/metrics" else json.loads(text)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def webhook(server: BotServer, body: bytes = EVENT) -> Told:
    """What a signed webhook gets."""
    return request(server, "/webhook", body, SIGNED)


def status(server: BotServer) -> Told:
    """How health is."""
    code, told = request(server, "/healthz")
    return code, told["status"]


def wait_for_status(server: BotServer, expected: Told) -> None:
    """Wait until health says so."""
    for _ in range(3000):
        if status(server) == expected:
            return
        threading.Event().wait(0.01)
    raise AssertionError(status(server))


def test_it_begins_with_a_pass_over_everything(server: BotServer, passes: Passes) -> None:
    """What came while it was down is not missed."""
    wait_for_status(server, (200, "ok"))
    assert [None] == passes.asked


def test_a_webhook_is_about_one_service(server: BotServer, passes: Passes) -> None:
    """Only that one is looked at."""
    assert (202, {"status": "taken"}) == webhook(server)
    passes.wait(2)
    assert [None, frozenset({"payments"})] == passes.asked


def test_webhooks_while_a_pass_runs_are_one_pass(server: BotServer, passes: Passes) -> None:
    """A forge tells of each branch, status and merge request."""
    passes.may_go_on.clear()
    webhook(server)
    passes.wait(2)
    for _ in range(20):
        assert 202 == webhook(server)[0]
    passes.may_go_on.set()
    passes.wait(3)
    wait_for_status(server, (200, "ok"))

    assert [None, *[frozenset({"payments"})] * 2] == passes.asked


def test_an_unsigned_webhook_is_refused(server: BotServer, passes: Passes) -> None:
    """And nothing is looked at."""
    code, told = request(server, "/webhook", EVENT, {"X-Gitlab-Token": "wrong"})

    assert (401, "unsigned", True) == (code, told["error"], SECRET not in told["message"])
    assert [None] == passes.asked


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"payload=%7B%7D"])
def test_a_webhook_that_is_no_json(server: BotServer, body: bytes) -> None:
    """The forge shows that on its page about the webhook; a form is another type of it."""
    code, told = webhook(server, body)

    assert (400, "not-json") == (code, told["error"])
    assert "application/json" in told["message"]


def test_a_webhook_about_nobodys_repo_is_taken(server: BotServer, passes: Passes) -> None:
    """The forge must not take it for a failure and switch the webhook off."""
    other = EVENT.replace(b"payments", b"platform")
    assert [202, 202] == [webhook(server, body)[0] for body in (b"{}", other)]
    passes.wait_for_looks(1)
    wait_for_status(server, (200, "ok"))

    assert [None] == passes.asked


def test_a_webhook_while_the_platform_is_away(server: BotServer, passes: Passes) -> None:
    """It is taken all the same; that nobody knows whose repo it is shows in health and metrics."""
    passes.gone = True
    assert 202 == webhook(server)[0]

    wait_for_status(server, (503, "failing"))
    assert [None] == passes.asked


def test_webhooks_put_no_full_pass_off(passes: Passes) -> None:
    """No webhook tells that a soak is over, so everything is looked at once an interval."""
    with serving(passes, interval=0.3) as server:
        while passes.asked.count(None) < 3:
            webhook(server)

    assert frozenset({"payments"}) in passes.asked


def test_health(server: BotServer, passes: Passes) -> None:
    """It is told while passes fail as a whole, and over once one succeeds."""
    wait_for_status(server, (200, "ok"))
    passes.broken = True
    webhook(server)
    wait_for_status(server, (503, "failing"))
    assert 'scaffold_bot_passes_total{result="aborted"} 1.0' in request(server, "/metrics")[1]
    passes.broken = False
    webhook(server)
    wait_for_status(server, (200, "ok"))


def test_health_tells_the_age_of_the_last_good_pass(passes: Passes) -> None:
    """And how old it may be: three intervals, a quarter of an hour at the least."""
    with serving(passes, interval=600) as server:
        wait_for_status(server, (200, "ok"))
        told = request(server, "/healthz")[1]
    with serving(passes, interval=1) as server:
        soon = request(server, "/healthz")[1]

    assert (True, 1800, 900) == (
        0 <= told["last_good_pass_age_seconds"] < 60,
        told["longest_age_seconds"],
        soon["longest_age_seconds"],
    )


def test_metrics(server: BotServer) -> None:
    """Prometheus reads how passes ended, and what became of webhooks."""
    wait_for_status(server, (200, "ok"))
    webhook(server)
    webhook(server, b"{")
    request(server, "/webhook", EVENT)
    status, text = request(server, "/metrics")

    assert (200, True) == (status, 'scaffold_bot_passes_total{result="done"} ' in text)
    for result in ("taken", "not-json", "unsigned"):
        assert f'scaffold_bot_webhooks_total{{result="{result}"}} 1.0' in text


def test_other_paths_are_not_there(server: BotServer) -> None:
    """Neither to read nor to post to."""
    expected = (404, {"error": "not-found", "message": "Not Found"})
    assert [expected] * 2 == [request(server, "/x"), request(server, "/x", b"{}", SIGNED)]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/webhook"), ("PUT", "/webhook"), ("POST", "/healthz"), ("DELETE", "/metrics")],
)
def test_other_methods(server: BotServer, method: str, path: str) -> None:
    """They are told so."""
    code, told = request(server, path, method=method)

    assert (405, "method-not-allowed") == (code, told["error"])


def test_a_fault_of_ours(server: BotServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told without what it was, which the log has."""
    monkeypatch.setattr("scaffold.bot.serve.signed_as", lambda *_: 1 / 0)
    code, told = webhook(server)

    assert (500, "failed", "A fault of scaffold; its log has it.") == (code, *told.values())


def say(server: BotServer, sent: bytes) -> Told:
    """What is answered to bytes that no client library would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(sent)
        answer = b""
        while data := client.recv(65536):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"]


HEAD = f"POST /webhook HTTP/1.1\r\nHost: bot\r\nX-Gitlab-Token: {SECRET}\r\n".encode()


@pytest.mark.parametrize(
    "sent",
    [
        b"what is this\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n{}",
        HEAD + b"Content-Length: 1e3\r\n\r\n{}",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}",
        HEAD + b"X-Large: " + b"x" * 40_000,
    ],
    ids=["no HTTP", "negative", "no number", "two lengths", "chunks", "large"],
)
def test_what_is_no_http(server: BotServer, sent: bytes) -> None:
    """It is refused as soon as it is seen, and the next one is served."""
    assert (400, "bad-request") == say(server, sent)
    assert 202 == webhook(server)[0]


def test_a_body_that_is_too_large(server: BotServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However its length is told; no more of it is kept than is allowed."""
    monkeypatch.setattr(web, "LARGEST_BODY", 1000)
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"

    assert (413, "too-large") == say(server, HEAD + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001)
    assert (413, "too-large") == say(
        server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk
    )


def test_a_body_that_does_not_come(server: BotServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for, for some time."""
    monkeypatch.setattr(web, "LONGEST_BODY", 0.3)

    assert (408, "too-slow") == say(server, HEAD + b"Content-Length: 1000\r\n\r\nx")


@pytest.mark.parametrize(
    "sent", [b"", HEAD, HEAD + b"\r\n"[:1]], ids=["nothing", "headers", "half a line"]
)
def test_headers_that_do_not_come(
    passes: Passes, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Nobody is heard out for ever."""
    monkeypatch.setattr("scaffold.bot.clients.LONGEST", 0.3)
    with (
        serving(passes, interval=600) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as client,
    ):
        client.sendall(sent)
        assert b"" == client.recv(1)


def test_an_answer_ends_the_connection(server: BotServer) -> None:
    """So that a client that keeps one has none that could be the oldest."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
        answer = b""
        while data := client.recv(65536):
            answer += data

    assert b"connection: close" in answer


def test_a_port_that_is_taken(server: BotServer, passes: Passes) -> None:
    """It is told, with what to do."""
    work, place = Work(passes, passes.services), Place("127.0.0.1", server.port)
    with pytest.raises(ListenError, match="Address already in use") as caught:
        BotServer(work, Stopping(), place, secret=SECRET, interval=60)

    assert (f"127.0.0.1:{server.port}", True) == (
        caught.value.where, "another port" in caught.value.hint,
    )  # fmt: skip


def test_a_host_that_is_not_here(passes: Passes) -> None:
    """The same."""
    with pytest.raises(ListenError, match="can't listen there"):
        BotServer(
            Work(passes, passes.services), Stopping(), Place("192.0.2.1", 0),
            secret=SECRET, interval=60,
        )  # fmt: skip


def test_a_webhook_while_it_ends(passes: Passes) -> None:
    """It is not taken, so that the forge sends it again or shows it; health says so, too."""
    stopping = Stopping()
    place = Place("127.0.0.1", 0)
    server = BotServer(
        Work(passes, passes.services), stopping, place, secret=SECRET, interval=60
    )  # fmt: skip
    passes.may_go_on.clear()
    thread = threading.Thread(target=server.serve)
    thread.start()
    passes.wait(1)
    stopping.ask()
    code, told = webhook(server)
    passes.may_go_on.set()
    thread.join(30)

    assert (503, "stopping", False) == (code, told["error"], thread.is_alive())
