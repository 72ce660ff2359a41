"""What the bot tells people on Slack: off without a webhook, and no reason for a pass to fail."""

import html
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scaffold.bot.links import Links
from scaffold.bot.passes import PassReport
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.notes_text import plain_lines
from scaffold.chain.propagate import Event

SLACK_VARIABLE = "SCAFFOLD_SLACK_WEBHOOK"
_WORDS = {Why.MOVE: "moved", Why.REQUEST: "waits for a merge request", Why.HELD: "held"}
_TIMEOUT = 5  # seconds
_BUDGET = 20.0  # seconds
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One thing to tell; `key` is the same while nothing about it changes."""

    key: str
    text: str


def messages(report: PassReport, links: Links) -> Iterator[Message]:
    """What a pass has to tell, with links to the commit and to the service's runbook."""
    for event in report.events:
        why = event.verdict.why
        if why in _WORDS and (event.commit or why is Why.HELD):
            yield _message(event, links)
    for failure in report.failures:
        error = failure.error
        key = f"failed {failure.service} {error.reference} {error}"
        yield Message(key, f":x: {failure.service} failed: {error}\n{error.hint}".strip())


def _message(event: Event, links: Links) -> Message:
    verdict, edge = event.verdict, event.verdict.edge
    desired = verdict.desired or ""
    lines = [f"*{event.service}* {edge.place} {_word(verdict)}: {desired[:12]}"]
    lines += [text for text in (verdict.detail, event.url) if text]
    if event.notes is not None:
        lines += plain_lines(event.notes)
    part, commit = (edge.down, event.commit) if event.commit else (edge.up, desired)
    lines.append(f"commit {links.commit(event.service, part, commit)}")
    if runbook := links.runbook(event.service):
        lines.append(f"runbook {runbook}")
    key = f"{event.service} {edge.place} {verdict.why} {verdict.desired}"
    return Message(key, "\n".join(lines))


def _word(verdict: Verdict) -> str:
    environment = verdict.edge.environment
    if verdict.why is Why.MOVE and environment is not None and environment.after is not None:
        return "promoted"
    return _WORDS[verdict.why]


class Slack:
    """Sends each message once, as long as the process lives.

    What takes longer than `budget` seconds in all is left for the next pass.
    """

    def __init__(self, send: Callable[[str], Any], budget: float = _BUDGET) -> None:
        self._send = send
        self._budget = budget
        self._told: set[str] = set()
        self._sending: threading.Thread | None = None

    def tell(self, found: Sequence[Message]) -> None:
        """Send what was not sent before; a failure is logged and tried again with the next pass.

        On a thread of its own: the client's time-outs are for each read, so that a server which
        sends a byte now and then could hold it for ever.
        """
        if self._sending is not None and self._sending.is_alive():
            _log.warning("slack is still being told of an earlier pass")
            return
        self._sending = threading.Thread(target=self._tell, args=(found,), daemon=True)
        self._sending.start()
        self._sending.join(self._budget + _TIMEOUT)

    def _tell(self, found: Sequence[Message]) -> None:
        started = time.monotonic()
        for message in found:
            if message.key in self._told:
                continue
            if time.monotonic() - started > self._budget:
                return
            try:
                self._send(message.text)
            except Exception as error:  # noqa: BLE001 - whatever Slack does, the pass goes on
                # Its class alone: the webhook's address, a secret, may be in its words.
                _log.warning("slack failed", extra={"fields": {"error": type(error).__name__}})
                return
            self._told.add(message.key)
        # What is over may come again one day, and is news then.
        self._told &= {message.key for message in found}


def slack_from_environment() -> Slack | None:
    """Slack, if the environment names a webhook and the client is installed."""
    address = os.environ.get(SLACK_VARIABLE, "").strip()
    if not address:
        return None
    try:
        from slack_sdk.webhook import WebhookClient
    except ImportError:
        _log.warning("slack-sdk is not installed: pip install 'scaffold-blueprints[bot]'")
        return None
    # The client's own log has the address in it, and its retries would hold the next pass up.
    unheard = logging.Logger("slack")
    unheard.addHandler(logging.NullHandler())
    client = WebhookClient(address, timeout=_TIMEOUT, logger=unheard, retry_handlers=[])

    def send(text: str) -> None:
        # `&`, `<` and `>` alone mean something to Slack, such as a call to the whole channel.
        answer = client.send(text=html.escape(text, quote=False))
        if answer.status_code != 200:
            raise OSError(f"Slack answered {answer.status_code}")

    return Slack(send)
