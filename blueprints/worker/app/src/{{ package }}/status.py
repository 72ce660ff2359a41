"""The port that Kubernetes and Prometheus ask; the worker serves nothing else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from .consumer import Consumer
from .settings import Settings


@contextmanager
def serve_status(
    consumer: Consumer, registry: CollectorRegistry, settings: Settings
) -> Iterator[int]:
    """Serve /healthz, /readyz and /metrics meanwhile; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
            elif self.path == "/healthz":
                self._say(consumer.alive)
            elif self.path == "/readyz":
                self._say(consumer.ready)
            else:
                self._answer(404, b"not found\n")

        def log_message(self, format: str, *args: object) -> None:
            """Probes and scrapes are not worth a line."""

        def _say(self, good: bool) -> None:
            self._answer(200 if good else 503, b"ok\n" if good else b"not ok\n")

        def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer((settings.host, settings.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
