"""The web server, and how it stops without losing a request."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from socket import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from .settings import Settings

logger = logging.getLogger(__name__)


class OperationsServer(uvicorn.Server):
    """Answers Kubernetes and Prometheus as long as the service runs; leaves signals to that."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class DrainingServer(uvicorn.Server):
    """A server that, when told to stop, first says "not ready" and goes on serving.

    Load balancers hear of a pod's end at about the time the pod does, so requests
    still arrive after SIGTERM. A second signal ends the wait.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        app: Starlette,
        operations: OperationsServer,
        drain_seconds: float,
    ) -> None:
        super().__init__(config)
        self.app = app
        self.operations = operations
        self.drain_seconds = drain_seconds

    async def serve(self, sockets: list[socket] | None = None) -> None:
        """Serve, and operations besides: in one loop, so that a loop that hangs is not alive."""
        aside = asyncio.create_task(self.operations.serve())
        try:
            await super().serve(sockets)
        finally:
            self.operations.should_exit = True
            await aside

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start to drain, or stop at once if that has begun."""
        if self.app.state.draining:
            self._stop()
            return
        # A signal interrupts whatever runs: what is logged here belongs to no request.
        Context().run(logger.info, "draining", extra={"fields": {"seconds": self.drain_seconds}})
        self.app.state.draining = True
        timer = threading.Timer(self.drain_seconds, self._stop)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.should_exit = True


def serve(app: Starlette, operations: Starlette, settings: Settings) -> None:
    """Serve until a signal arrives and the requests in flight are answered."""
    aside = OperationsServer(_config(operations, settings, settings.operations_port))
    config = _config(app, settings, settings.port)
    DrainingServer(config, app, aside, settings.drain_seconds).run()


def _config(app: Starlette, settings: Settings, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        log_config=None,  # the logs are set up already
        access_log=False,  # the middleware logs each request
        timeout_graceful_shutdown=settings.stop_seconds,
    )
