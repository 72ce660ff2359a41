"""Structured logs: one JSON object a line, on standard error."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from scaffold.bot.passes import PassReport
from scaffold.bot.platform import PlatformEvent
from scaffold.chain.notes_text import plain_lines
from scaffold.chain.propagate import Event
from scaffold.config.grant import clock
from scaffold.git.faults import explained
from scaffold.redaction import redacted

# Of the libraries that answer webhooks only faults are told: clients could fill the log otherwise.
_LEVELS = {"scaffold": logging.INFO, "uvicorn": logging.ERROR, "asyncio": logging.ERROR}
_log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """Time, level, message, and the fields that were given with it."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return redacted(json.dumps(entry, ensure_ascii=False, default=str))


def log_as_json() -> None:
    """Let the program's own loggers write to standard error, and its server's."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False


def log_report(report: PassReport) -> None:
    """One line for each thing that a pass did or could not do."""
    for change in report.platform or ():
        _log.info("platform", extra={"fields": _of_platform(change)})
    for one in report.grants:
        if one.expired:
            told = f"{one.grant.told} expired at {clock(one.grant.until)} and is still there"
            _log.error(told, extra={"fields": {"grant": one.name}})
    for event in report.events:
        if event.verdict.why != "current":
            _log.info("pin", extra={"fields": _fields(event)})
    for status in report.statuses:
        if status.is_red:
            _log.error("%s is red", status.told, extra={"fields": {"service": status.service}})
    for failure in report.failures:
        fields = {"service": failure.service, "cause": failure.error.reference}
        _log.error(str(failure.error), extra={"fields": fields})


def log_failed_pass(error: Exception) -> None:
    """Why a pass failed as a whole."""
    failure = explained(error)
    _log.error("the pass failed: %s", failure, extra={"fields": {"cause": failure.reference}})


def log_failed_pages(error: Exception) -> None:
    """Why the pages for people are still those of before."""
    failure = explained(error)
    _log.error("the pages failed: %s", failure, extra={"fields": {"cause": failure.reference}})


def _of_platform(event: PlatformEvent) -> dict[str, object]:
    return {
        "about": event.about,
        "why": event.why.value,
        "files": [f"{one.change} {one.path}" for one in event.files],
        "commit": event.commit,
        "url": event.url,
        "detail": event.detail,
    }


def _fields(event: Event) -> dict[str, object]:
    return {
        "service": event.service,
        "repo": event.repo,
        "place": event.verdict.edge.place,
        "why": event.verdict.why.value,
        "next": event.verdict.desired,
        "commit": event.commit,
        "url": event.url,
        **({"release_notes": list(plain_lines(event.notes))} if event.notes else {}),
    }
