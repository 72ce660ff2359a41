"""The pages that the bot shows to people, over real HTTP."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest

from scaffold.bot.pages import pages_app
from scaffold.bot.web import WebServer

FILES = {
    "index.html": b"<p>all</p>",
    "services/caf\u00e9.html": b"<p>one</p>",
    "site.css": b"p {}",
    "site.js": b"1",
}
Told = tuple[int, bytes, Message]


class Shown:
    """A server with files that can change."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = dict(FILES)
        self.server = WebServer(pages_app(lambda: self.files), "127.0.0.1", 0, lambda: None)

    def get(self, path: str, method: str = "GET") -> Told:
        """Status, body and headers of an answer."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.server.port}{path}", method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as told:  # noqa: S310 - as above
                return told.status, told.read(), told.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), error.headers


@pytest.fixture
def shown() -> Iterator[Shown]:
    """A server that shows FILES."""
    shown = Shown()
    shown.server.start()
    yield shown
    shown.server.stop()


@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/index.html", "index.html", "text/html; charset=utf-8"),
        ("/services/caf%C3%A9.html", "services/caf\u00e9.html", "text/html; charset=utf-8"),
        ("/site.css", "site.css", "text/css; charset=utf-8"),
        ("/site.js", "site.js", "text/javascript; charset=utf-8"),
    ],
)
def test_each_file_is_at_its_path(shown: Shown, path: str, name: str, kind: str) -> None:
    """Of its own type; a browser asks again each time, and no other page may frame it."""
    status, body, headers = shown.get(path)

    assert (200, FILES[name], kind) == (status, body, headers["Content-Type"])
    assert ("no-cache", "nosniff", "DENY") == (
        headers["Cache-Control"], headers["X-Content-Type-Options"], headers["X-Frame-Options"],
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/webhook", "/metrics", "/..%2f..%2fetc/passwd", "/services/"])
def test_nothing_else_is_there(shown: Shown, path: str) -> None:
    """Neither what the bot's other port has, nor anything of the machine."""
    assert 404 == shown.get(path)[0]


def test_it_can_only_be_read(shown: Shown) -> None:
    """No other method is taken."""
    assert (405, 200) == (shown.get("/", "POST")[0], shown.get("/", "HEAD")[0])


def test_before_the_first_pass_is_over(shown: Shown) -> None:
    """It says so, and when to ask again."""
    shown.files = {}
    status, body, headers = shown.get("/")
    assert (503, "10") == (status, headers["Retry-After"])
    assert b"first pass is not over" in body


def test_what_is_made_anew_is_there_at_once(shown: Shown) -> None:
    """The files are asked for with each request."""
    shown.files = {"index.html": b"new"}
    assert b"new" == shown.get("/")[1]
