"""What the bot tells people of a pass, a message a thing. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scaffold.bot.links import Links
from scaffold.bot.passes import Failure, PassReport, StandingGrant
from scaffold.bot.platform import PlatformEvent
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.notes_text import plain_lines
from scaffold.chain.propagate import Event
from scaffold.chain.statuses import CommitStatus
from scaffold.config.grant import clock
from scaffold.config.platform import PLATFORM_REPO
from scaffold.errors import ForgeError, TimeUpError
from scaffold.fleet.sync import summary
from scaffold.forge.api import StatusState
from scaffold.forge.pages import request_place

_WORDS = {Why.MOVE: "moved", Why.REQUEST: "waits for a merge request", Why.HELD: "held"}
_FILES = 10  # of the platform repo; more are counted
_UNREACHABLE_PASSES = 3


@dataclass(frozen=True)
class Message:
    """One thing to tell of a service; `key` is the same while nothing about it changes.

    `over` is what to tell once it is over, if that is news. Without a text it tells nothing, and
    says that what was told of its key is not over yet. `channel` names where it is told. It is told
    once it was there in so many `passes` in a row.
    """

    service: str
    key: str
    text: str
    over: str = ""
    channel: str = ""
    passes: int = 1


def messages(report: PassReport, links: Links) -> Iterator[Message]:
    """What a pass has to tell, with links to the commit and to the service's runbook."""
    for message in _messages(report, links):
        yield replace(message, channel=links.channel(message.service))


def _messages(report: PassReport, links: Links) -> Iterator[Message]:
    for change in report.platform or ():
        if change.why in _WORDS and (change.commit or change.why is Why.HELD):
            yield _of_platform(change)
    yield from map(_of_grant, report.grants)
    for event in report.events:
        why = event.verdict.why
        if why in _WORDS and (event.commit or why is Why.HELD):
            yield _message(event, links)
    for status in report.statuses:
        if status.state is not StatusState.SUCCESS:
            yield _of_status(status, links)
    yield from map(_of_failure, report.failures)


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
    word = "was taken back" if event.expired and event.why is Why.MOVE else _WORDS[event.why]
    lines = [f"*{PLATFORM_REPO}* {event.about} {word}"]
    where = request_place(event.request) if event.request else ""
    lines += [text for text in (event.detail, where) if text]
    lines += summary(event.files, most=_FILES)
    if event.commit:
        lines.append(f"commit {PLATFORM_REPO}@{event.commit[:12]}")
    key = f"{PLATFORM_REPO} {event.about} {event.why} {event.target}"
    return Message(PLATFORM_REPO, key, "\n".join(lines))


def _of_grant(standing: StandingGrant) -> Message:
    """Who has a role for a while, and that they have it yet when they should not."""
    grant = standing.grant
    until = clock(grant.until)
    if not standing.expired:
        text = f":key: *{PLATFORM_REPO}* {grant.told}, until {until}: {grant.reason}"
        return Message(PLATFORM_REPO, f"grant {standing.name} {until}", text)
    text = f":red_circle: *{PLATFORM_REPO}* {grant.told} expired at {until} and is still there"
    over = f":large_green_circle: *{PLATFORM_REPO}* {grant.told} is over"
    return Message(PLATFORM_REPO, f"expired {standing.name} {until}", text, over)


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


def _of_failure(failure: Failure) -> Message:
    """A repo or a forge that can't be reached may be there again in the next pass."""
    service, error = failure.service, failure.error
    text = f":x: {service} failed: {error}\n{error.hint}".strip()
    if type(error) not in (ForgeError, TimeUpError):
        return Message(service, f"failed {service} {error.reference} {error}", text)
    over = f":large_green_circle: *{service}* can be reached again"
    return Message(service, f"unreachable {service}", text, over, passes=_UNREACHABLE_PASSES)


def _word(verdict: Verdict) -> str:
    environment = verdict.edge.environment
    if verdict.why is Why.MOVE and environment is not None and environment.after is not None:
        return "promoted"
    return _WORDS[verdict.why]
