"""The bot's server: webhooks, health and metrics over real HTTP."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scaffold.bot.metrics import Metrics
from scaffold.bot.passes import PassReport
from scaffold.bot.serve import BotServer, Work
from scaffold.config.service import PairedRepo, Service

SERVICE = Service(
    name="payments", owner="a", summary="", blueprint="b",
    repos={"code": PairedRepo(name="payments-code", url="https://git.example.com/payments-code.git")},
)  # fmt: skip
EVENT = b'{"project": {"git_http_url": "https://git.example.com/payments-code.git"}}'


class Passes:
    """Records what it is asked to look at; fails when it is told to."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str] | None] = []
        self.broken = False
        self.gone = False

    def services(self) -> tuple[Service, ...]:
        """Who there is."""
        if self.gone:
            raise OSError("the platform is away")
        return (SERVICE,)

    def __call__(self, only: frozenset[str] | None) -> PassReport:
        """One pass."""
        self.asked.append(only)
        if self.broken:
            raise OSError("the platform is away")
        return PassReport((), ())

    def wait(self, number: int) -> None:
        """Wait until so many passes were done."""
        deadline = time.monotonic() + 10
        while len(self.asked) < number:
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.01)


@pytest.fixture
def passes() -> Passes:
    """The passes of one server."""
    return Passes()


@pytest.fixture
def server(passes: Passes) -> Iterator[BotServer]:
    """A server on a free port, which has done its first pass."""
    with serving(passes, interval=600) as server:
        yield server


@contextmanager
def serving(passes: Passes, interval: float) -> Iterator[BotServer]:
    """A server with one service; full passes come every `interval` seconds."""
    work = Work(passes, passes.services)
    server = BotServer(work, Metrics(), secret="s3cret", port=0, interval=interval)  # noqa: S106
    thread = threading.Thread(target=server.serve)
    thread.start()
    passes.wait(1)
    yield server
    server.stop()
    thread.join(10)


def request(
    server: BotServer, path: str, body: bytes | None = None, token: str = ""
) -> tuple[int, str]:
    """Status and text of an answer."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", body, {"X-Gitlab-Token": token}
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_begins_with_a_pass_over_everything(server: BotServer, passes: Passes) -> None:
    """What came while it was down is not missed."""
    assert (True, [None]) == (server.healthy, passes.asked)


def test_a_webhook_is_about_one_service(server: BotServer, passes: Passes) -> None:
    """Only that one is looked at."""
    assert 202 == request(server, "/webhook", EVENT, "s3cret")[0]
    passes.wait(2)
    assert [None, frozenset({"payments"})] == passes.asked


def test_an_unsigned_webhook_is_refused(server: BotServer, passes: Passes) -> None:
    """And nothing is looked at."""
    assert 401 == request(server, "/webhook", EVENT, "wrong")[0]
    assert [None] == passes.asked


def test_a_webhook_about_nobodys_repo_is_taken(server: BotServer, passes: Passes) -> None:
    """The forge must not take it for a failure and switch the webhook off."""
    other = EVENT.replace(b"payments", b"platform")
    assert [202, 202] == [request(server, "/webhook", body, "s3cret")[0] for body in (b"{}", other)]
    time.sleep(0.1)
    assert ([None], True) == (passes.asked, server.healthy)


def test_a_webhook_while_the_platform_is_away(server: BotServer, passes: Passes) -> None:
    """It is taken all the same; that nobody knows whose repo it is shows in health and metrics."""
    passes.gone = True
    assert 202 == request(server, "/webhook", EVENT, "s3cret")[0]
    time.sleep(0.1)

    assert ([None], 503) == (passes.asked, request(server, "/healthz")[0])


def test_webhooks_put_no_full_pass_off(passes: Passes) -> None:
    """No webhook tells that a soak is over, so everything is looked at once an interval."""
    with serving(passes, interval=0.3) as server:
        for _ in range(12):
            request(server, "/webhook", EVENT, "s3cret")
            time.sleep(0.1)

    assert passes.asked.count(None) >= 3
    assert frozenset({"payments"}) in passes.asked


def test_health(server: BotServer, passes: Passes) -> None:
    """It is told while passes fail as a whole, and over once one succeeds."""
    assert (200, "ok\n") == request(server, "/healthz")
    passes.broken = True
    request(server, "/webhook", EVENT, "s3cret")
    passes.wait(2)
    time.sleep(0.1)
    assert (503, "failing\n") == request(server, "/healthz")
    assert 'scaffold_bot_passes_total{result="aborted"} 1.0' in request(server, "/metrics")[1]
    passes.broken = False
    request(server, "/webhook", EVENT, "s3cret")
    passes.wait(3)
    time.sleep(0.1)
    assert 200 == request(server, "/healthz")[0]


def test_metrics(server: BotServer) -> None:
    """Prometheus reads how passes ended."""
    time.sleep(0.1)
    status, text = request(server, "/metrics")

    assert (200, True) == (status, 'scaffold_bot_passes_total{result="done"} 1.0' in text)


def test_other_paths_are_not_there(server: BotServer) -> None:
    """Neither to read nor to post to."""
    assert [404, 404] == [request(server, "/x")[0], request(server, "/x", b"{}", "s3cret")[0]]
