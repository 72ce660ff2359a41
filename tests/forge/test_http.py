"""Patience and refusals, against a real HTTP server on loopback that follows a script."""

import logging
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.http import PatientAdapter, TokenAuth, make_session, sent_once
from scaffold.forge.rest import Call, RestApi
from tests.tokens import noted

TOKEN = noted("tok-0123456789")
CALL = Call("make a thing", "the scope write:things")
# Headers as GitHub documents them for its limits: docs.github.com/rest/using-the-rest-api/
# rate-limits-for-the-rest-api, and GitLab: docs.gitlab.com/administration/settings/
# user_and_ip_rate_limits#response-headers
DAY = 86400


@dataclass
class Script:
    """What the server answers, one after the other (status, headers, body), and what it got."""

    answers: list[tuple[int, dict[str, str], bytes]]
    seen: list[tuple[str, bytes]] = field(default_factory=list)
    port: int = 0

    def api(self) -> RestApi:
        """A client of it."""
        base = f"http://127.0.0.1:{self.port}"
        session = make_session(PatientAdapter(), TokenAuth("token", TOKEN))
        return RestApi(session, base, TOKEN)


RESET, HALF = -1, -2


@pytest.fixture
def script() -> Iterator[Script]:
    """A server that says 200 `{}` once its script is at its end."""
    told = Script([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            told.seen.append((self.headers["Authorization"], body))
            status, headers, text = told.answers.pop(0) if told.answers else (200, {}, b"{}")
            if status == RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(200 if status == HALF else status)
            length = len(text) + (10 if status == HALF else 0)
            for name, value in {**headers, "content-length": str(length)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)
            self.close_connection = status == HALF

        do_GET = do_DELETE = do_POST  # noqa: N815 - the names that the server looks for

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, in seconds, which the tests do without."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    return waits


@pytest.mark.parametrize("status", [500, 502, 503, 504, RESET, HALF])
def test_a_fault_is_tried_again(script: Script, slept: list[float], status: int) -> None:
    """Also by a POST, with the same body; longer and longer."""
    script.answers = [(status, {}, b"{}")] * 3

    answer = script.api().send("POST", "/things", CALL, json={"a": 1})

    assert ({}, [1.0, 2.0, 4.0]) == (answer.data, slept)
    assert [(f"token {TOKEN}", b'{"a": 1}')] * 4 == script.seen


def test_a_server_that_stays_down_is_given_up(script: Script, slept: list[float]) -> None:
    """After a minute of waiting."""
    script.answers = [(503, {}, b"down")] * 20

    with pytest.raises(ForgeError, match="can't make a thing: status 503") as caught:
        script.api().send("POST", "/things", CALL)

    assert [1.0, 2.0, 4.0, 8.0, 16.0] == slept
    assert "The server failed; run this again once it is well." == caught.value.hint


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (429, {"Retry-After": "7"}, b"", 7),
        (403, {"Retry-After": "7"}, b"", 7),
        (503, {"Retry-After": "7"}, b"", 7),
        # 1,000 s after the epoch is 00:16:40; RFC 9110 has the three forms that a date may have.
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:17:10 GMT"}, b"", 30),
        (503, {"Retry-After": "Thursday, 01-Jan-70 00:17:10 GMT"}, b"", 30),
        (403, {"Retry-After": "Thu Jan  1 00:17:10 1970"}, b"", 30),
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, b"", 1),
        (429, {"Retry-After": "0"}, b"", 1),
        (429, {"Retry-After": "in a while"}, b"", 60),
        (429, {"Retry-After": "Thu, 99 Jan 1970 00:17:10 GMT"}, b"", 60),
        (429, {"Retry-After": "\u00b2"}, b"", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1090"}, b"", 90),
        (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "1090"}, b"", 90),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit"}', 60),
        (429, {}, b"", 60),
    ],
)
def test_a_limit_is_waited_for(
    script: Script,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
    headers: dict[str, str],
    body: bytes,
    wait: int,
) -> None:
    """As long as the server asks for, which is told."""
    monkeypatch.setattr("time.time", lambda: 1000.0)
    script.answers = [(status, headers, body)]

    with caplog.at_level(logging.WARNING):
        script.api().send("POST", "/things", CALL)

    assert [wait] == slept
    said = f"127.0.0.1:{script.port}: its rate limit is used up; trying again in {wait} s"
    assert [said] == [one.getMessage() for one in caplog.records]


@pytest.mark.parametrize("told", [str(DAY), "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_limit_of_a_day_is_not_waited_for(script: Script, slept: list[float], told: str) -> None:
    """It is told, and the run can be made again later."""
    script.answers = [(429, {"Retry-After": told}, b"")]

    with pytest.raises(ForgeError, match="status 429") as caught:
        script.api().send("POST", "/things", CALL)

    assert [] == slept
    assert "Its rate limit is used up; run this again later." == caught.value.hint


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "The token is not valid (any more), or is another instance's. Set a new one."),
        (403, "The token may not do that. It takes the scope write:things."),
        (404, "It is not there, or the token may not see it. It takes the scope write:things."),
        (409, "It is in conflict with what is there; look at it, then run this again."),
        (422, f"The forge takes no such values; it may be a setting. It takes {CALL.needs}."),
    ],
)
def test_a_refusal_is_told_at_once(
    script: Script, slept: list[float], status: int, hint: str
) -> None:
    """With the server's words, in which no token is shown."""
    script.answers = [(status, {}, f'{{"message": "no, {TOKEN}"}}'.encode())]

    with pytest.raises(ForgeError) as caught:
        script.api().send("POST", "/things", CALL)

    assert (f"can't make a thing: status {status}", hint) == (caught.value.what, caught.value.hint)
    assert ("no, ***",) == caught.value.details
    assert [] == slept


def test_a_server_that_is_not_there(slept: list[float]) -> None:
    """Is waited for like one that fails, and then named."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = Script([], port=free.getsockname()[1])

        with pytest.raises(ForgeError, match="can't make a thing: no answer"):
            nobody.api().send("POST", "/things", CALL)

    assert 31.0 == sum(slept)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(500, {}), (502, {}), (503, {"Retry-After": "1"}), (429, {"Retry-After": "1"}), (403, {}),
     (RESET, {}), (HALF, {})],
)  # fmt: skip
def test_what_is_to_be_sent_once_is_not_tried_again(
    script: Script, slept: list[float], status: int, headers: dict[str, str]
) -> None:
    """Neither after a fault nor for a limit; what comes after it has patience again."""
    script.answers = [(status, headers, b'{"message": "secondary rate limit"}')] * 2
    api = script.api()

    with sent_once(), pytest.raises(ForgeError, match="can't make a thing"):
        api.send("DELETE", "/things/1", CALL)

    assert (1, []) == (len(script.seen), slept)
    api.send("POST", "/things", CALL)
    assert (3, 1) == (len(script.seen), len(slept))


def test_no_text_of_a_client_has_the_token() -> None:
    """Not its repr, which a traceback may show."""
    assert TOKEN not in repr(Script([], port=1).api())


def test_only_reading_follows_a_redirect(script: Script) -> None:
    """HTTP would make a GET of a POST; the new place is told instead."""
    script.answers = [(301, {"location": "/elsewhere"}, b"")]

    with pytest.raises(ForgeError, match="it has moved") as caught:
        script.api().send("POST", "/things", CALL)
    assert ("It is now at /elsewhere",) == caught.value.details


def test_pages_follow_the_links(script: Script) -> None:
    """A list ends where no further page is named."""
    script.answers = [
        (200, {"Link": '<http://x/?page=2>; rel="next"'}, b"[1, 2]"),
        (200, {}, b"[3]"),
    ]

    assert [1, 2, 3] == list(script.api().pages("/things", CALL))
