"""`scaffold bot serve`: passes on signed webhooks, and one over everything now and then.

On a webhook only the service that it is about is looked at. Requests are answered at once; one
thread does the passes, so that no two of one process run at a time.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from scaffold.bot.passes import PassReport
from scaffold.bot.webhook import is_genuine, repo_urls, service_of
from scaffold.chain.propagate import Event
from scaffold.config.service import Service

if TYPE_CHECKING:
    from scaffold.bot.metrics import Metrics

_LONGEST_BODY = 5_000_000  # bytes
_EVERYTHING: frozenset[str] = frozenset()
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What the server does: a pass over some services (None: all), and who the services are."""

    run_pass: Callable[[frozenset[str] | None], PassReport]
    services: Callable[[], tuple[Service, ...]]


class BotServer:
    """A server for webhooks; `secret` signs them, `interval` is seconds between full passes."""

    def __init__(
        self, work: Work, metrics: "Metrics", *, secret: str, port: int, interval: float
    ) -> None:
        self._work = work
        self._metrics = metrics
        self._secret = secret
        self._interval = interval
        self._wanted: queue.SimpleQueue[frozenset[str]] = queue.SimpleQueue()
        self._due = 0.0  # when the next pass over everything is, by the monotonic clock
        self._stopping = threading.Event()
        self.healthy = True
        self._http = ThreadingHTTPServer(("", port), _handler(self))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._http.server_address[1])

    def serve(self) -> None:
        """Serve until `stop`; the first thing it does is a pass over everything."""
        self._wanted.put(_EVERYTHING)
        worker = threading.Thread(target=self._work_on, name="passes", daemon=True)
        worker.start()
        try:
            self._http.serve_forever()
        finally:
            self._stopping.set()
            self._wanted.put(_EVERYTHING)
            worker.join()
            self._http.server_close()

    def stop(self) -> None:
        """End `serve`, after the pass that is running."""
        self._http.shutdown()

    def accept(self, headers: dict[str, str], body: bytes) -> int:
        """Take a webhook, whosever repo it is about; return the HTTP status for it."""
        if not is_genuine(headers, body, self._secret):
            return 401
        if urls := repo_urls(body):
            self._wanted.put(urls)
        return 202

    def metrics_text(self) -> bytes:
        """What Prometheus asks for."""
        from prometheus_client import generate_latest

        return generate_latest(self._metrics.registry)

    def _work_on(self) -> None:
        while not self._stopping.is_set():
            wanted = self._next()
            if self._stopping.is_set():
                return
            self._pass(wanted)

    def _next(self) -> set[frozenset[str]] | None:
        """The addresses of all repos that are wanted by now; None for everything.

        That comes once an interval, however many webhooks there are: none tells of a soak's end.
        """
        try:
            wanted = {self._wanted.get(timeout=max(0.0, self._due - time.monotonic()))}
        except queue.Empty:
            wanted = {_EVERYTHING}
        while not self._wanted.empty():
            wanted.add(self._wanted.get())
        if _EVERYTHING in wanted or time.monotonic() >= self._due:
            self._due = time.monotonic() + self._interval
            return None
        return wanted

    def _pass(self, wanted: set[frozenset[str]] | None) -> None:
        started = time.monotonic()
        try:
            only = None if wanted is None else self._names(wanted)
            if only is not None and not only:
                return  # repos of nobody's, such as the platform's own
            report = self._work.run_pass(only)
        except Exception as error:  # noqa: BLE001 - the server outlives whatever a pass dies of
            self.healthy = False
            self._metrics.count_aborted()
            fields = {"error": f"{type(error).__name__}: {error}"}
            _log.error("pass failed", extra={"fields": fields})
            return
        self.healthy = True
        self._metrics.count(report, time.monotonic() - started, only)

    def _names(self, wanted: set[frozenset[str]]) -> frozenset[str]:
        services = self._work.services()
        found = (service_of(urls, services) for urls in wanted)
        return frozenset(name for name in found if name is not None)


def _handler(server: BotServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                status, said = (200, b"ok\n") if server.healthy else (503, b"failing\n")
                self._answer(status, said)
            elif self.path == "/metrics":
                self._answer(200, server.metrics_text(), "text/plain; version=0.0.4")
            else:
                self._answer(404, b"not found\n")

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            if self.path != "/webhook":
                self._answer(404, b"not found\n")
            elif length > _LONGEST_BODY:
                self._answer(413, b"too long\n")
            else:
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._answer(server.accept(headers, self.rfile.read(length)), b"")

        def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
            _log.info("request", extra={"fields": {"line": format % arguments}})

    return Handler


def log_report(report: PassReport) -> None:
    """One line for each thing that a pass did or could not do."""
    for event in report.events:
        if event.verdict.why != "current":
            _log.info("pin", extra={"fields": _fields(event)})
    for failure in report.failures:
        fields = {"service": failure.service, "cause": failure.error.reference}
        _log.error(str(failure.error), extra={"fields": fields})


def _fields(event: Event) -> dict[str, object]:
    return {
        "service": event.service,
        "repo": event.repo,
        "place": event.verdict.edge.place,
        "why": event.verdict.why.value,
        "next": event.verdict.desired,
        "commit": event.commit,
        "url": event.url,
    }
