"""What the bot tells people on Slack: off without a webhook, and no reason for a pass to fail."""

import hashlib
import html
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scaffold.bot.links import Links
from scaffold.bot.passes import PassReport
from scaffold.bot.platform import PlatformEvent
from scaffold.cache import cache_folder, write_whole
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.notes_text import plain_lines
from scaffold.chain.propagate import Event
from scaffold.chain.statuses import CommitStatus
from scaffold.config.platform import PLATFORM_REPO
from scaffold.fleet.sync import summary
from scaffold.forge.api import StatusState
from scaffold.forge.pages import request_place

SLACK_VARIABLE = "SCAFFOLD_SLACK_WEBHOOK"
_WORDS = {Why.MOVE: "moved", Why.REQUEST: "waits for a merge request", Why.HELD: "held"}
_FILES = 10  # of the platform repo; more are counted
_TIMEOUT = 5  # seconds
_BUDGET = 20.0  # seconds
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One thing to tell of a service; `key` is the same while nothing about it changes.

    `over` is what to tell once it is over, if that is news. Without a text it tells nothing, and
    says that what was told of its key is not over yet. `channel` names where it is told.
    """

    service: str
    key: str
    text: str
    over: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Told:
    """What was told of a service, and what is to be told once it is over."""

    service: str
    over: str = ""
    channel: str = ""


_MEMORY = TypeAdapter(dict[str, Told])


def messages(report: PassReport, links: Links) -> Iterator[Message]:
    """What a pass has to tell, with links to the commit and to the service's runbook."""
    for message in _messages(report, links):
        yield replace(message, channel=links.channel(message.service))


def _messages(report: PassReport, links: Links) -> Iterator[Message]:
    for change in report.platform or ():
        if change.why in _WORDS and (change.commit or change.why is Why.HELD):
            yield _of_platform(change)
    for event in report.events:
        why = event.verdict.why
        if why in _WORDS and (event.commit or why is Why.HELD):
            yield _message(event, links)
    for status in report.statuses:
        if status.state is not StatusState.SUCCESS:
            yield _of_status(status, links)
    for failure in report.failures:
        error = failure.error
        key = f"failed {failure.service} {error.reference} {error}"
        yield Message(
            failure.service, key, f":x: {failure.service} failed: {error}\n{error.hint}".strip()
        )


def _message(event: Event, links: Links) -> Message:
    verdict, edge = event.verdict, event.verdict.edge
    desired = verdict.desired or ""
    lines = [f"*{event.service}* {edge.place} {_word(verdict)}: {desired[:12]}"]
    where = request_place(event.request) if event.request else ""
    lines += [text for text in (verdict.detail, where) if text]
    if event.notes is not None:
        lines += plain_lines(event.notes)
    part, commit = (edge.down, event.commit) if event.commit else (edge.up, desired)
    lines.append(f"commit {links.commit(event.service, part, commit)}")
    if runbook := links.runbook(event.service):
        lines.append(f"runbook {runbook}")
    key = f"{event.service} {edge.place} {verdict.why} {verdict.desired}"
    return Message(event.service, key, "\n".join(lines))


def _of_platform(event: PlatformEvent) -> Message:
    lines = [f"*{PLATFORM_REPO}* what is generated {_WORDS[event.why]}"]
    where = request_place(event.request) if event.request else ""
    lines += [text for text in (event.detail, where) if text]
    lines += summary(event.files, most=_FILES)
    if event.commit:
        lines.append(f"commit {PLATFORM_REPO}@{event.commit[:12]}")
    key = f"{PLATFORM_REPO} generated {event.why} {event.target}"
    return Message(PLATFORM_REPO, key, "\n".join(lines))


def _of_status(status: CommitStatus, links: Links) -> Message:
    """A red one; one that is not known yet is neither red nor green again."""
    service, name = status.service, f"the status `{status.name}` of {status.repo}"
    key = f"{service} red {status.repo} {status.name}"
    if not status.is_red:
        return Message(service, key, "")
    page = links.commit(service, status.part, status.commit)
    lines = [f":red_circle: *{service}* {name} is red", f"commit {page}"]
    if runbook := links.runbook(service):
        lines.append(f"runbook {runbook}")
    over = f":large_green_circle: *{service}* {name} is green again"
    return Message(service, key, "\n".join(lines), over)


def _word(verdict: Verdict) -> str:
    environment = verdict.edge.environment
    if verdict.why is Why.MOVE and environment is not None and environment.after is not None:
        return "promoted"
    return _WORDS[verdict.why]


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
        new = (one.text for one in news if one.text and _name(one) not in self._told)
        return (*new, *(told.over for told in self._over(news, looked_at).values() if told.over))

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
            if not message.text or _name(message) in self._told:
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
