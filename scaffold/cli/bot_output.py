"""What a pass of the bot prints: lines for a person, and a document."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scaffold.chain.words import pin_word
from scaffold.config.grant import clock

if TYPE_CHECKING:
    from scaffold.bot.passes import PassReport
    from scaffold.bot.platform import PlatformEvent
    from scaffold.documents.chain_outputs import BotOutput
    from scaffold.forge.api import MergeRequest

_FILES = 20  # of the platform repo; more are counted


def document(report: "PassReport", untold: tuple[str, ...], *, dry_run: bool) -> "BotOutput":
    """The document of a pass."""
    from scaffold.cli.access_grant import grant_part
    from scaffold.cli.generated import files_part
    from scaffold.cli.notes import notes_part
    from scaffold.cli.reds import reds_part
    from scaffold.documents.chain_outputs import (
        BotOutput,
        PlatformMove,
        PropagationEvent,
        ServiceFailure,
    )

    return BotOutput(
        done=not report.failures,
        dry_run=dry_run,
        messages=untold,
        events=tuple(
            PropagationEvent(
                service=one.service,
                repo=one.repo,
                place=one.verdict.edge.place,
                why=one.verdict.why.value,
                commit="" if dry_run else one.commit,
                next=one.verdict.desired,
                merge_request=one.url,
                detail=one.verdict.detail,
                release_notes=notes_part(one.notes),
            )
            for one in report.events
            if one.verdict.why != "current"
        ),
        platform=tuple(
            PlatformMove(
                why=one.why.value,
                files=files_part(one.files),
                commit="" if dry_run else one.commit,
                merge_request=one.url,
                detail=one.detail,
                expired=one.expired,
            )
            for one in report.platform or ()
        ),
        grants=tuple(
            grant_part(one.name, one.grant).model_copy(update={"expired": one.expired})
            for one in report.grants
        ),
        red=reds_part(report.statuses),
        failures=tuple(
            ServiceFailure(
                service=one.service, cause=one.error.reference, message="\n".join(one.error.lines)
            )
            for one in report.failures
        ),
    )


def text(report: "PassReport", untold: tuple[str, ...], *, dry_run: bool) -> Iterator[str]:
    """What a pass says to a person at its end."""
    yield from lines(report, dry_run=dry_run)
    if not report.moved and not report.platform and not report.failures:
        yield "Nothing to move."
    for text in untold:
        first, *rest = text.splitlines()
        yield f"to tell Slack  {first}"
        yield from (f"  {line}" for line in rest)
    if dry_run:
        yield "Nothing was changed: a dry run."


def lines(report: "PassReport", *, dry_run: bool = False) -> Iterator[str]:
    """A line for each thing that a pass did, or could not do."""
    from scaffold.chain.notes_text import plain_lines

    for change in report.platform or ():
        yield from _of_platform(change, dry_run=dry_run)
    for one in report.events:
        verdict = one.verdict
        if verdict.why == "current":
            continue
        done = pin_word(verdict.why.value, done=not dry_run)
        detail = _detail(verdict.detail, one.request)
        line = f"{done:13}  {one.service} {verdict.edge.place}  {(verdict.desired or '')[:12]}"
        yield f"{line}  {detail}".rstrip()
        if one.commit and one.notes is not None:
            yield from (f"  {told}" for told in plain_lines(one.notes))
    for grant in report.grants:
        if grant.expired:
            end = clock(grant.grant.until)
            yield f"expired        platform  {grant.grant.told}, at {end}, and is still there"
    for status in report.statuses:
        if status.is_red:
            yield f"red            {status.service}  {status.told}"
    yield from failures(report)


def _of_platform(event: "PlatformEvent", *, dry_run: bool) -> Iterator[str]:
    from scaffold.fleet.sync import summary

    done = pin_word(event.why.value, done=not dry_run)
    detail = _detail("" if event.expired else event.detail, event.request)
    yield f"{done:13}  platform  {event.about}  {detail}".rstrip()
    if event.expired:
        yield from (f"  {line}" for line in event.detail.splitlines())
    yield from (f"  {line}" for line in summary(event.files, most=_FILES))


def _detail(detail: str, request: "MergeRequest | None") -> str:
    from scaffold.forge.pages import request_place

    return "  ".join(filter(None, [detail, request_place(request) if request else ""]))


def failures(report: "PassReport") -> Iterator[str]:
    """What a pass could not do."""
    for failure in report.failures:
        first, *rest = failure.error.lines
        yield f"failed         {failure.service}  [{failure.error.reference}] {first}"
        yield from (f"  {line}" for line in rest)
