"""The web server, and how it stops without losing a request."""

import logging
import threading
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from .settings import Settings

logger = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """A server that, when told to stop, first says "not ready" and goes on serving.

    Load balancers hear of a pod's end at about the time the pod does, so requests
    still arrive after SIGTERM. A second signal ends the wait.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, drain_seconds: float) -> None:
        super().__init__(config)
        self.app = app
        self.drain_seconds = drain_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start to drain, or stop at once if that has begun."""
        if self.app.state.draining:
            self._stop()
            return
        logger.info("draining", extra={"fields": {"seconds": self.drain_seconds}})
        self.app.state.draining = True
        timer = threading.Timer(self.drain_seconds, self._stop)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.should_exit = True


def serve(app: Starlette, settings: Settings) -> None:
    """Serve until a signal arrives and the requests in flight are answered."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # the logs are set up already
        access_log=False,  # the middleware logs each request
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    DrainingServer(config, app, settings.drain_seconds).run()
