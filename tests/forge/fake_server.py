"""A server that runs in this process, over HTTP or HTTPS, and answers as a fake does."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.forge.fake_http import Answer, Asked, FakeForge

HELD = 0.25  # seconds that a time-out holds an answer back
_SLIP = 418


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeForge) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that went away: that is what time-outs are."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_any(self) -> None:
        """Answer a call of the API, or of git."""
        parts = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if ".git/" in parts.path:
            self._send(*self._git(parts.path, parts.query, headers, sent))
            return
        path = parts.path.removeprefix(self.server.fake.root)
        body = json.loads(sent) if sent else None
        answer, held = self._api(Asked(self.command, path, parse_qs(parts.query), body, headers))
        if held:
            threading.Event().wait(HELD)
        if answer is None:
            self._reset()
        else:
            self._send(*_encoded(answer))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815

    def _api(self, asked: Asked) -> tuple[Answer | None, bool]:
        try:
            return self.server.fake.take(asked)
        except Exception as error:  # noqa: BLE001 - told at the end of the test
            self._slip(error)
            return Answer(_SLIP), False

    def _git(self, *asked: Any) -> tuple[int, Mapping[str, str], bytes]:
        try:
            return self.server.fake.take_git(self.command, *asked)
        except Exception as error:  # noqa: BLE001 - likewise
            self._slip(error)
            return _SLIP, {}, b""

    def _slip(self, error: Exception) -> None:
        self.server.fake.slips.append(f"{type(error).__name__}: {error}")

    def _send(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def _reset(self) -> None:
        """End the connection with RST, as a server that is killed does."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _encoded(answer: Answer) -> tuple[int, Mapping[str, str], bytes]:
    headers = {"Content-Type": "application/json", **answer.headers}
    is_json = headers["Content-Type"] == "application/json"
    text = json.dumps(answer.body) if is_json else str(answer.body)
    return answer.status, headers, b"" if answer.body is None else text.encode()


@contextmanager
def serving(fake: FakeForge, certificates: Path | None = None) -> Iterator[None]:
    """Run a fake, which knows its own URL by then; with a folder of certificates, over HTTPS."""
    server = _Server(fake)
    scheme = "http"
    if certificates is not None:
        scheme = "https"
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    fake.url = f"{scheme}://localhost:{server.server_address[1]}"
    fake.base = f"{fake.url}{fake.root}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        assert not fake.slips, fake.slips
