"""Move the pins of one service forward: a commit a pin, one push a repo.

All state is in git. A push that lost a race is judged afresh, so two bots, a human who pushes
meanwhile and a run that was killed do no harm: a pin is only ever moved from what it was seen at.
"""

import random
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.moves import Move, commit_pin
from scaffold.chain.notes import ReleaseNotes, with_diff
from scaffold.chain.proposals import WriteContext as WriteContext
from scaffold.chain.proposals import known_requests, muted, propose, turned_down, withdraw
from scaffold.chain.repos import ServiceChain, refresh
from scaffold.errors import (
    ConfigError,
    ForgeError,
    ProcessFailedError,
    PushRefusedError,
    ScaffoldError,
    StalePushError,
    ToolMissingError,
)
from scaffold.forge.api import MergeRequest
from scaffold.git.faults import explained

_ATTEMPTS = 5
# What keeps one move from being made, whatever becomes of the others.
_NOT_MADE = (ConfigError, ProcessFailedError, ToolMissingError)
_PAUSE = 0.02  # seconds, doubled with each attempt


@dataclass(frozen=True)
class Event:
    """One pin, and what the pass did about it; `request` is its merge request, if any.

    `commit` is new in this pass, and `notes` say what it brings to an environment that follows
    another one, or what a merge request would. `error` is set where it failed.
    """

    service: str
    repo: str
    verdict: Verdict
    commit: str = ""
    request: MergeRequest | None = None
    notes: ReleaseNotes | None = None
    error: ScaffoldError | None = None

    @property
    def url(self) -> str:
        """The address of its merge request; empty without one."""
        return self.request.url if self.request else ""


def propagate(chain: ServiceChain, judge: Judge, context: WriteContext) -> list[Event]:
    """Move every pin of a service that is behind and may move, in the order of the chain.

    A dry run goes on from what it would have moved; the events are those of a run.
    A repo that fails ends it for the repos after it: what they would get is not known.
    """
    events: list[Event] = []
    for down in dict.fromkeys(edge.down for edge in chain.edges):
        here = [edge for edge in chain.edges if edge.down == down]
        found = _repo(chain, here, judge, context)
        events += found
        if any(event.error for event in found):
            break
    return events


def _repo(
    chain: ServiceChain, here: Sequence[Edge], judge: Judge, context: WriteContext
) -> list[Event]:
    """All pins of one repo: one look, one push. What was done before a failure is told, too."""
    told: dict[str, Event] = {}
    try:
        for event in _attempts(chain, here, judge, context):
            if event.verdict.edge.place not in told or not told[event.verdict.edge.place].commit:
                told[event.verdict.edge.place] = event
    except Exception as error:  # noqa: BLE001 - whatever one repo brings out
        return [*_changes(told), _failed(chain, here[0], explained(error))]
    return [told[edge.place] for edge in here if edge.place in told]


def _changes(told: dict[str, Event]) -> list[Event]:
    return [event for event in told.values() if event.commit]


def _attempts(
    chain: ServiceChain, here: Sequence[Edge], judge: Judge, context: WriteContext
) -> Iterator[Event]:
    """Whatever the forge says when it refuses a push: look again, judge again, push again."""
    for attempt in range(1, _ATTEMPTS + 1):
        verdicts = yield from _judged(chain, here, judge)
        try:
            yield from _apply(chain, verdicts, judge, context, look=attempt > 1)
        except PushRefusedError:
            raise
        except ForgeError as error:
            if attempt == _ATTEMPTS:
                raise _given_up(chain, here[0], error) from error
            time.sleep(_PAUSE * 2**attempt * random.random())  # noqa: S311 - not a secret
            for part in (here[0].down, *{edge.up for edge in here}):
                refresh(chain.repo(part))
            continue
        return


def _given_up(chain: ServiceChain, edge: Edge, error: ForgeError) -> ForgeError:
    if not isinstance(error, StalePushError):
        return error
    return ForgeError(
        f"main moved {_ATTEMPTS} times while this was prepared",
        where=chain.repo(edge.down).url,
        hint="Run it again.",
    )


def _judged(
    chain: ServiceChain, here: Sequence[Edge], judge: Judge
) -> Generator[Event, None, list[Verdict]]:
    """The verdicts; one malformed pin keeps no other of the repo back."""
    verdicts: list[Verdict] = []
    chain.repo(here[0].down)
    for edge in here:
        try:
            verdicts.append(judge.verdict(chain, edge))
        except ConfigError as error:
            yield _failed(chain, edge, error)
    return verdicts


def _apply(
    chain: ServiceChain,
    verdicts: Sequence[Verdict],
    judge: Judge,
    context: WriteContext,
    *,
    look: bool,
) -> Iterator[Event]:
    moves = [verdict for verdict in verdicts if verdict.why is Why.MOVE]
    requests = [verdict for verdict in verdicts if verdict.why is Why.REQUEST]
    moved: list[Event] = []
    try:
        moved = _move(chain, moves, context)
    except PushRefusedError:
        requests = [*(replace(verdict, why=Why.REQUEST) for verdict in moves), *requests]
    yield from moved
    has_moved = any(event.commit for event in moved)
    for verdict in verdicts:
        if verdict.why in (Why.MOVE, Why.REQUEST):
            continue
        if has_moved:  # what moved may bring another target for an open merge request
            yield Event(chain.service.name, chain.repo(verdict.edge.down).name, verdict)
        else:
            yield _stays(chain, verdict, judge, context)
    for verdict in requests:
        try:
            done = _request(chain, verdict, context, look=look)
        except _NOT_MADE as error:
            yield _failed(chain, verdict.edge, error)
            continue
        # One for another release may be open yet.
        if done.verdict.why is Why.HELD and not has_moved:
            done = _stays(chain, done.verdict, judge, context)
        yield done


def _stays(chain: ServiceChain, verdict: Verdict, judge: Judge, context: WriteContext) -> Event:
    """A pin that does not move; a merge request that has nothing to it any more is closed."""
    edge, service = verdict.edge, chain.service.name
    repo = chain.repo(edge.down).name
    done = withdraw(chain, edge, context, lambda to: judge.objection(chain, verdict, to))
    if done is None:
        return Event(service, repo, verdict)
    request, why = done
    return Event(service, repo, replace(verdict, why=Why.WITHDRAWN, detail=why), request=request)


def _move(chain: ServiceChain, moves: Sequence[Verdict], context: WriteContext) -> list[Event]:
    """Push what may move, all in one; what can't be made keeps no other pin of the repo back.

    Raises StalePushError, PushRefusedError, ForgeError.
    """
    if not moves:
        return []
    repo = chain.repo(moves[0].edge.down)
    head, events = repo.head, []
    for verdict in moves:
        edge, desired, parent = verdict.edge, verdict.desired or "", head
        try:
            move = commit_pin(chain, edge, desired, parent, context.platform, context.author)
        except _NOT_MADE as error:
            events.append(_failed(chain, edge, error))
            continue
        head = move.commit
        notes, told = _told(chain, edge, parent, move), replace(verdict, detail=move.notes.warning)
        events.append(Event(chain.service.name, repo.name, told, head, notes=notes))
    if head == repo.head:
        return events
    context.push(repo, head, "main", expect=repo.head)
    repo.head = head
    return events


def _told(chain: ServiceChain, edge: Edge, parent: str, move: Move) -> ReleaseNotes | None:
    """What a promotion brings; what moves before that is told by the promotion."""
    if edge.environment is None or edge.environment.after is None:
        return None
    return with_diff(move.notes, chain, edge, parent, move.commit)


def _request(chain: ServiceChain, verdict: Verdict, context: WriteContext, *, look: bool) -> Event:
    """Propose a move, unless somebody turned it down."""
    edge, desired, service = verdict.edge, verdict.desired or "", chain.service.name
    repo = chain.repo(edge.down).name
    known = known_requests(chain, edge, context)
    if closed := turned_down(chain, edge, desired, known):
        return Event(service, repo, muted(chain, verdict, closed))
    proposed = propose(chain, edge, desired, context, known, look=look)
    verdict = replace(verdict, detail=verdict.detail or proposed.notes.warning)
    return Event(service, repo, verdict, proposed.commit, proposed.request, proposed.notes)


def _failed(chain: ServiceChain, edge: Edge, error: ScaffoldError) -> Event:
    known = chain.service.repos.get(edge.down)
    nothing = Verdict(edge, None, None, Why.CURRENT)
    return Event(chain.service.name, known.name if known else edge.down, nothing, error=error)
