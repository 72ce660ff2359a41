"""Run the worker: what the image starts, `consume` or, on a schedule, `clean-up`."""

import logging
import os
import signal
import sys
from types import FrameType

from prometheus_client import CollectorRegistry

from .clean_up import clean_up
from .consumer import Consumer
from .handler import handle
from .logs import configure
from .metrics import Metrics
from .redis_queue import RedisQueue, connect
from .settings import Settings
from .status import serve_status

logger = logging.getLogger(__name__)


def consume(settings: Settings) -> None:
    """Handle messages until a signal says stop."""
    queue = RedisQueue(connect(settings), settings)
    registry = CollectorRegistry()
    consumer = Consumer(queue, handle, Metrics(registry), settings)

    def stop(number: int, frame: FrameType | None) -> None:
        consumer.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with serve_status(consumer, registry, settings):
        consumer.run()


def main(arguments: list[str]) -> int:
    """Do what the first argument says, by default `consume`."""
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    match arguments or ["consume"]:
        case ["consume"]:
            consume(settings)
        case ["clean-up"]:
            clean_up(connect(settings), settings)
        case _:
            logger.error("no such command", extra={"fields": {"arguments": arguments}})
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
