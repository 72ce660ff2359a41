"""Slack, on which the bot tells people: off without a webhook, and no reason for a pass to fail."""

import hashlib
import html
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scaffold.bot.notify import Message
from scaffold.cache import cache_folder, write_whole

SLACK_VARIABLE = "SCAFFOLD_SLACK_WEBHOOK"
_TIMEOUT = 5  # seconds
_BUDGET = 20.0  # seconds
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """What was told of a service, and what is to be told once it is over.

    Of what waits to be told, `seen` is the number of passes in a row in which it was there.
    """

    service: str
    over: str = ""
    channel: str = ""
    seen: int = 0


_MEMORY = TypeAdapter(dict[str, Told])
Send = Callable[[str], Any]


class Slack:
    """Sends each message once; `memory` is the file that has what was told by earlier processes.

    What takes longer than `budget` seconds in all is left for the next pass. `named` has the way to
    a channel, where it has one of its own.
    """

    def __init__(
        self,
        send: Send,
        memory: Path,
        *,
        budget: float = _BUDGET,
        named: Callable[[str], Send | None] = lambda _: None,
    ) -> None:
        self._send = send
        self._named = named
        self._budget = budget
        self._memory = memory
        self._told = _remembered(memory)
        self._sending: threading.Thread | None = None

    def untold(self, news: Sequence[Message], looked_at: Collection[str]) -> tuple[str, ...]:
        """The texts that `tell` would send."""
        new = (one.text for one in news if one.text and self._is_due(one))
        return (*new, *(told.over for told in self._over(news, looked_at).values() if told.over))

    def _seen(self, message: Message) -> int | None:
        """In how many passes in a row it was there, with this one; None where it was told."""
        known = self._told.get(_name(message))
        if known is None:
            return 1
        return known.seen + 1 if known.seen else None

    def _is_due(self, message: Message) -> bool:
        """Whether it is to be told now."""
        seen = self._seen(message)
        return seen is not None and seen >= message.passes

    def _over(self, news: Sequence[Message], looked_at: Collection[str]) -> dict[str, Told]:
        """What was told once, and is not there any more."""
        now = {_name(message) for message in news}
        return {
            name: told
            for name, told in self._told.items()
            if name not in now and told.service in looked_at
        }

    def tell(self, news: Sequence[Message], looked_at: Collection[str]) -> None:
        """Send what was not sent before; a failure is logged and tried again with the next pass.

        On a thread of its own: the client's time-outs are for each read, so that a server which
        sends a byte now and then could hold it for ever. `looked_at` names the services of which
        all there is to tell is in `news`.
        """
        if self._sending is not None and self._sending.is_alive():
            _log.warning("slack is still being told of an earlier pass")
            return
        self._sending = threading.Thread(target=self._tell, args=(news, looked_at), daemon=True)
        self._sending.start()
        self._sending.join(self._budget + _TIMEOUT)

    def _tell(self, news: Sequence[Message], looked_at: Collection[str]) -> None:
        before = dict(self._told)
        end = time.monotonic() + self._budget
        if self._send_new(news, end):
            # What is over may come again one day, and is news then.
            for name, told in self._over(news, looked_at).items():
                if told.over and not self._sent(told.over, told.channel, end):
                    break
                del self._told[name]
        if self._told != before:
            _remember(self._memory, self._told)

    def _send_new(self, news: Sequence[Message], end: float) -> bool:
        """Send what was not sent before; whether all was."""
        for message in news:
            seen = self._seen(message)
            if not message.text or seen is None:
                continue
            if seen < message.passes:
                self._told[_name(message)] = Told(message.service, seen=seen)
                continue
            if not self._sent(message.text, message.channel, end):
                return False
            self._told[_name(message)] = Told(message.service, message.over, message.channel)
        return True

    def _sent(self, text: str, channel: str, end: float) -> bool:
        """Send a text, and say whether that went well, in time."""
        if time.monotonic() > end:
            return False
        try:
            (self._named(channel) or self._send)(text)
        except Exception as error:  # noqa: BLE001 - whatever Slack does, the pass goes on
            # Its class alone: the webhook's address, a secret, may be in its words.
            _log.warning("slack failed", extra={"fields": {"error": type(error).__name__}})
            return False
        return True


def _name(message: Message) -> str:
    """What a message is remembered by: a digest, as its words may be anybody's."""
    return hashlib.sha256(message.key.encode()).hexdigest()


def _remembered(memory: Path) -> dict[str, Told]:
    """What was told, by its name; nothing where the file is gone or damaged."""
    try:
        return _MEMORY.validate_json(memory.read_bytes())
    except (OSError, ValidationError):
        return {}


def _remember(memory: Path, told: dict[str, Told]) -> None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_whole(memory, _MEMORY.dump_json(told))
    except OSError as error:
        _log.warning("what Slack was told is not remembered: %s", error)


def slack_from_environment(platform: str) -> Slack | None:
    """Slack, if the environment names a webhook and the client is installed.

    What it was told of the platform at this URL is remembered in the user's cache.
    """
    address = os.environ.get(SLACK_VARIABLE, "").strip()
    if not address:
        return None
    try:
        send = _sender(address)
    except ImportError:
        _log.warning("slack-sdk is not installed: pip install 'scaffold-blueprints[bot]'")
        return None
    digest = hashlib.sha256(f"{platform} {address}".encode()).hexdigest()
    memory = cache_folder() / "told" / f"{digest[:16]}.json"
    return Slack(send, memory, named=cache(_named_sender))


def _named_sender(channel: str) -> Send | None:
    """The way to a channel whose webhook the environment names; None where it does not."""
    name = f"{SLACK_VARIABLE}_{channel.upper().replace('-', '_')}"
    address = os.environ.get(name, "").strip() if channel else ""
    return _sender(address) if address else None


def _sender(address: str) -> Send:
    """What sends to a webhook. Raises ImportError where Slack's client is not installed."""
    from slack_sdk.webhook import WebhookClient

    # The client's own log has the address in it, and its retries would hold the next pass up.
    unheard = logging.Logger("slack")
    unheard.addHandler(logging.NullHandler())
    client = WebhookClient(address, timeout=_TIMEOUT, logger=unheard, retry_handlers=[])

    def send(text: str) -> None:
        # `&`, `<` and `>` alone mean something to Slack, such as a call to the whole channel.
        answer = client.send(text=html.escape(text, quote=False))
        if answer.status_code != 200:
            raise OSError(f"Slack answered {answer.status_code}")

    return send
