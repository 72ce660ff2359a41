"""What is done with a message: the place for the worker's own code."""

import logging
from typing import Any

logger = logging.getLogger(__name__)


def handle(body: dict[str, Any]) -> None:
    """Handle the content of one message; raise where it must be tried again.

    A message can arrive twice: after a crash, or when it took too long. So what is done here must
    do no harm when it is done again.
    """
    logger.info("handled", extra={"fields": {"keys": sorted(body)}})
