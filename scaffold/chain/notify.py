"""What the bot tells people on Slack: off without a webhook, and no reason for a pass to fail."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scaffold.chain.bot import PassReport
from scaffold.chain.decide import Why
from scaffold.chain.propagate import Event

SLACK_VARIABLE = "SCAFFOLD_SLACK_WEBHOOK"
_WORDS = {Why.MOVE: "moved", Why.REQUEST: "waits for a merge request", Why.HELD: "held"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One thing to tell; `key` is the same while nothing about it changes."""

    key: str
    text: str


def messages(report: PassReport, docs_base: str) -> Iterator[Message]:
    """What a pass has to tell, with links to the commit and to the service's runbook."""
    for event in report.events:
        why = event.verdict.why
        if why in _WORDS and (event.commit or why is Why.HELD):
            yield _message(event, docs_base)
    for failure in report.failures:
        error = failure.error
        key = f"failed {failure.service} {error.reference} {error}"
        yield Message(key, f":x: {failure.service} failed: {error}\n{error.hint}".strip())


def _message(event: Event, docs_base: str) -> Message:
    verdict = event.verdict
    desired = (verdict.desired or "")[:12]
    lines = [f"*{event.service}* {verdict.edge.place} {_WORDS[verdict.why]}: {desired}"]
    lines += [text for text in (verdict.detail, event.url) if text]
    if event.commit:
        lines.append(f"commit {event.repo}@{event.commit[:12]}")
    if docs_base:
        lines.append(f"runbook {docs_base.rstrip('/')}/{event.service}/runbook/")
    key = f"{event.service} {verdict.edge.place} {verdict.why} {verdict.desired}"
    return Message(key, "\n".join(lines))


class Slack:
    """Sends each message once, as long as the process lives."""

    def __init__(self, send: Callable[[str], Any]) -> None:
        self._send = send
        self._told: set[str] = set()

    def tell(self, found: Sequence[Message]) -> None:
        """Send what was not sent before; a failure is logged and tried again with the next pass."""
        for message in found:
            if message.key in self._told:
                continue
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
    address = os.environ.get(SLACK_VARIABLE)
    if not address:
        return None
    try:
        from slack_sdk.webhook import WebhookClient
    except ImportError:
        _log.warning("slack-sdk is not installed: pip install 'scaffold-blueprints[bot]'")
        return None
    client = WebhookClient(address)

    def send(text: str) -> None:
        answer = client.send(text=text)
        if answer.status_code != 200:
            raise OSError(f"Slack answered {answer.status_code}")

    return Slack(send)
