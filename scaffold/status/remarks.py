"""What somebody should know of a service, in sentences: what it waits for, what is behind."""

from collections.abc import Iterator

from scaffold.chain.words import pin_word
from scaffold.config.branches import Purpose, proposed_from
from scaffold.forge.api import MergeRequest
from scaffold.forge.pages import request_place
from scaffold.status.line import ServiceLine

_SHORT = 12  # characters of a commit id
# What is said where a verdict has nothing to add to its word.
_DETAILS = {
    "move": "in the bot's next pass",
    "request": "the bot's next pass opens it",
    "unknown": "what it depends on can't be read",
}
_PROPOSED = {
    Purpose.UPGRADE: "an upgrade waits for",
    Purpose.HEAL: "files that come back wait for",
    Purpose.RETIREMENT: "its retirement waits for",
}


def remarks(one: ServiceLine) -> Iterator[str]:
    """What a service waits for, and each pin that is behind."""
    if one.request:
        yield f"{one.service} waits for {request_place(one.request)}"
    if one.begun:
        yield (
            f"{one.service} is being created by {one.begun.by} since {one.begun.told_since}; if"
            f" that has ended, `scaffold new service {one.service}` finishes it"
        )
    if one.error:
        first, *rest = one.error.lines
        yield f"{one.service}: {first}"
        yield from (f"  {line}" for line in rest)
    for pin in one.pins:
        if pin.why != "current":
            what = ", ".join(filter(None, [pin_word(pin.why), (pin.desired or "")[:_SHORT]]))
            where = request_place(pin.request) if pin.request else ""
            detail = "; ".join(filter(None, [where, pin.detail])) or _DETAILS.get(pin.why, "")
            yield ": ".join(filter(None, [f"{one.service} {pin.edge.place}", what, detail]))
    for request in one.proposals:
        yield f"{one.service} {_proposed(request)} {request_place(request)}"
    for status in one.statuses:
        if status.is_red:
            yield f"{one.service} {status.part}: red: {status.told}"
    for repo, patterns in one.no_release.items():
        yield f"{one.service} {repo}: makes no release by itself: {', '.join(patterns)}"


def _proposed(request: MergeRequest) -> str:
    """What a merge request is, before where it is."""
    purpose = proposed_from(request.branch, platform=False).purpose
    return f"{request.repo}: {_PROPOSED.get(purpose, 'waits for')}"
