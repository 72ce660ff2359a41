"""The scheduled job: forgets the dead letters that nobody needs any more."""

import logging
import time
from typing import Any

from .redis_queue import dead_letters
from .settings import Settings

logger = logging.getLogger(__name__)

SECONDS_A_DAY = 86_400


def clean_up(client: Any, settings: Settings) -> int:
    """Delete the dead letters older than `keep_days`; return how many there were."""
    stream = dead_letters(settings.stream)
    # The ids of a stream's entries begin with the time in milliseconds.
    oldest = int((time.time() - settings.keep_days * SECONDS_A_DAY) * 1000)
    removed = int(client.xtrim(stream, minid=oldest, approximate=False))
    logger.info("cleaned up", extra={"fields": {"stream": stream, "removed": removed}})
    return removed
