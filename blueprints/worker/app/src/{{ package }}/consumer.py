"""The loop: receive, handle, tell the queue; stops without losing a message."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from .logs import context
from .metrics import Metrics
from .queue import Message, Queue, QueueUnavailableError
from .settings import Settings

logger = logging.getLogger(__name__)

Handle = Callable[[dict[str, Any]], None]


class Consumer:
    """Handles one message after the other until it is told to stop."""

    def __init__(self, queue: Queue, handle: Handle, metrics: Metrics, settings: Settings) -> None:
        self._queue = queue
        self._handle = handle
        self._metrics = metrics
        self._settings = settings
        self._stopping = threading.Event()
        self._beat = time.monotonic()
        self._reached = False

    @property
    def ready(self) -> bool:
        """Whether the queue answered the last time, and nobody said stop."""
        return self._reached and not self._stopping.is_set()

    @property
    def alive(self) -> bool:
        """Whether the loop went round lately; a message that takes too long stops it."""
        return time.monotonic() - self._beat < self._settings.stall_seconds

    def stop(self) -> None:
        """End the loop after the message that is being handled."""
        logger.info("stopping")
        self._stopping.set()

    def run(self) -> None:
        """Handle messages until `stop` is called."""
        logger.info("started", extra={"fields": {"stream": self._settings.stream}})
        while not self._stopping.is_set():
            self._beat = time.monotonic()
            try:
                self._round()
                self._reached = True
            except QueueUnavailableError as error:
                self._reached = False
                logger.warning("queue unavailable", extra={"fields": {"reason": str(error)}})
                self._stopping.wait(self._settings.pause_seconds)
        logger.info("stopped")

    def _round(self) -> None:
        self._metrics.lag.set(self._queue.lag())
        for message in self._queue.receive():
            if self._stopping.is_set():
                return  # what is not done is delivered again
            token = context.set({"id": message.id})
            try:
                self._work(message)
            finally:
                context.reset(token)

    def _work(self, message: Message) -> None:
        start = time.perf_counter()
        try:
            self._handle(json.loads(message.body))
        except Exception as error:
            # Whatever a handler raises is its message's trouble, not the loop's.
            outcome = self._failed(message, error)
        else:
            self._queue.done(message)
            outcome = "done"
        seconds = time.perf_counter() - start
        self._metrics.messages.labels(outcome).inc()
        self._metrics.duration.observe(seconds)
        logger.info("message", extra={"fields": {"outcome": outcome, "seconds": seconds}})

    def _failed(self, message: Message, error: Exception) -> str:
        logger.error("handler failed", exc_info=error)
        if message.attempt < self._settings.max_attempts:
            return "failed"
        self._queue.reject(message, repr(error))
        return "rejected"
