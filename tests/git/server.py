"""A git server on loopback: real git behind HTTP, which can answer as other servers do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.forge.git_side import GitSide


class GitServer:
    """Repos of which each is at `url`/NAME.git.

    `answers` has what is said in place of git's words, by what the path and the query end with:
    status, content type and body; `once` has them answered so a single time.
    """

    def __init__(self, root: Path) -> None:
        self.git = GitSide(root)
        self.url = ""
        self.answers: dict[str, tuple[int, dict[str, str], str]] = {}
        self.once = False

    def answer(self, method: str, asked: str, headers: Any, sent: bytes) -> Any:
        """What one request gets."""
        for end in list(self.answers):
            if asked.endswith(end):
                status, told, text = self.answers.pop(end) if self.once else self.answers[end]
                return status, told, text.encode()
        parts = urlsplit(asked)
        return self.git.answer(method, parts.path, parts.query, headers, sent)


@contextmanager
def git_server(root: Path) -> Iterator[GitServer]:
    """Run one, which knows its own URL by then."""
    told = GitServer(root)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answered, body = told.answer(self.command, self.path, headers, sent)
            self.send_response(status)
            for key, value in {**answered, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name that the server looks for

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://localhost:{server.server_address[1]}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
