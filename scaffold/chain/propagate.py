"""Move the pins of one service forward: a commit a pin, one push a repo.

All state is in git. A push that lost a race is judged afresh, so two bots, a human who pushes
meanwhile and a run that was killed do no harm: a pin is only ever moved from what it was seen at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pygit2
from pygit2.enums import SortMode

from scaffold.chain import pins
from scaffold.chain.decide import Judge, Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.pins import Upstream
from scaffold.chain.repos import ChainRepo, ServiceChain, refresh
from scaffold.errors import ConfigError, ForgeError, PushRefusedError, ScaffoldError, StalePushError
from scaffold.forge import Forge, RequestState
from scaffold.git import transport
from scaffold.git.tree import Entry, Identity, change_tree, make_commit
from scaffold.model.blueprint import PinKind
from scaffold.model.documents import parse_document
from scaffold.model.platform import Platform
from scaffold.model.repofile import REPOFILE, RepoFile

FROM_TRAILER = "Propagated-From"
_ATTEMPTS = 5
_MOST_SUBJECTS = 20


@dataclass(frozen=True)
class Event:
    """One pin, and what the pass did about it; `url` is that of its merge request, if any.

    `error` is set where it failed.
    """

    service: str
    repo: str
    verdict: Verdict
    commit: str = ""
    url: str = ""
    error: ScaffoldError | None = None


@dataclass(frozen=True)
class Hands:
    """What it takes to change a repo."""

    forge: Forge
    platform: Platform
    author: Identity


def propagate(chain: ServiceChain, judge: Judge, hands: Hands) -> list[Event]:
    """Move every pin of a service that is behind and may move, in the order of the chain.

    A repo that fails ends it for the repos after it: what they would get is not known.
    """
    events: list[Event] = []
    for down in dict.fromkeys(edge.down for edge in chain.edges):
        here = [edge for edge in chain.edges if edge.down == down]
        try:
            events += _repo(chain, here, judge, hands)
        except ScaffoldError as error:
            nothing = Verdict(here[0], None, None, Why.CURRENT)
            events.append(Event(chain.service.name, down, nothing, error=error))
            break
    return events


def _repo(chain: ServiceChain, here: Sequence[Edge], judge: Judge, hands: Hands) -> list[Event]:
    """All pins of one repo: one look, one push."""
    repo = chain.repo(here[0].down)
    for _ in range(_ATTEMPTS):
        verdicts = [judge.verdict(chain, edge) for edge in here]
        try:
            moved = _move(chain, repo, verdicts, hands)
        except StalePushError:
            refresh(repo)
            continue
        return [*moved, *_request_all(chain, repo, verdicts, hands)]
    raise ForgeError(
        f"main moved {_ATTEMPTS} times while this was prepared",
        where=repo.url,
        hint="Run it again.",
    )


def _move(
    chain: ServiceChain, repo: ChainRepo, verdicts: Sequence[Verdict], hands: Hands
) -> list[Event]:
    """Push what may move; what may not is told as it is. Raises StalePushError."""
    events, head = [], repo.head
    for verdict in verdicts:
        commit = ""
        if verdict.why is Why.MOVE:
            head = commit = commit_pin(chain, verdict.edge, verdict.desired or "", head, hands)
        if verdict.why is not Why.REQUEST:
            events.append(Event(chain.service.name, repo.name, verdict, commit))
    if head != repo.head:
        try:
            transport.push(repo.folder, repo.url, head, "main", expect=repo.head)
        except PushRefusedError:
            return [
                _request(chain, repo, event.verdict, hands) if event.commit else event
                for event in events
            ]
        repo.head = head
    return events


def _request_all(
    chain: ServiceChain, repo: ChainRepo, verdicts: Sequence[Verdict], hands: Hands
) -> Iterator[Event]:
    for verdict in verdicts:
        if verdict.why is Why.REQUEST:
            yield _request(chain, repo, verdict, hands)


def _request(chain: ServiceChain, repo: ChainRepo, verdict: Verdict, hands: Hands) -> Event:
    """Propose a move; the branch is brought up to date in place, and a closed one mutes it."""
    service, edge, desired = chain.service.name, verdict.edge, verdict.desired or ""
    branch = f"scaffold/promote-{edge.place}"
    mark = f"<!-- scaffold-target: {desired} -->"
    known = hands.forge.merge_requests(repo.name)
    if any(
        one.branch == branch and one.state is RequestState.CLOSED and mark in one.body
        for one in known
    ):
        muted = Verdict(edge, verdict.pinned, desired, Why.HELD, "its merge request was closed")
        return Event(service, repo.name, muted)
    head = transport.remote_head(repo.url, branch)
    commit = head or ""
    if head is None or not _is_move(head, repo, chain, verdict):
        commit = commit_pin(chain, edge, desired, repo.head, hands)
        transport.push(repo.folder, repo.url, commit, branch, expect=head)
    title = f"Move {edge.place} to {chain.repo(edge.up).name} {desired[:12]}"
    subjects = "\n".join(f"- {line}" for line in _subjects(chain, verdict))
    request = hands.forge.open_merge_request(
        repo.name, branch, title=title, body=f"{subjects}\n\n{mark}\n"
    )
    return Event(service, repo.name, verdict, commit, request.url)


def _is_move(head: str, repo: ChainRepo, chain: ServiceChain, verdict: Verdict) -> bool:
    """Whether a branch's head is this very move on top of main as it is."""
    if not repo.has(head):
        transport.fetch(repo.folder, repo.url, head)
    parents = repo.store[head].peel(pygit2.Commit).parent_ids
    pin = chain.pinned(verdict.edge, head)
    return (
        [str(parent) for parent in parents] == [repo.head]
        and pin is not None
        and pin.commit == verdict.desired
    )


def commit_pin(chain: ServiceChain, edge: Edge, desired: str, parent: str, hands: Hands) -> str:
    """Store a commit on top of `parent` that moves one pin; return its id, no branch moves."""
    repo, up = chain.repo(edge.down), chain.repo(edge.up)
    data = _write(chain, edge, desired, hands.platform)
    tree = change_tree(repo.store, parent, {edge.path: Entry.file(data)})
    pin = chain.pinned(edge, parent)
    verdict = Verdict(edge, pin.commit if pin else None, desired, Why.MOVE)
    body = "".join(f"- {line}\n" for line in _subjects(chain, verdict))
    message = (
        f"Move {edge.place} to {up.name} {desired[:12]}\n\n{body}\n"
        f"{FROM_TRAILER}: {up.name}@{desired}\n"
    )
    return make_commit(repo.store, tree, message, hands.author, [parent])


def _write(chain: ServiceChain, edge: Edge, desired: str, platform: Platform) -> bytes:
    up = chain.repo(edge.up)
    upstream = Upstream(edge.up, up.url, desired)
    if edge.kind is PinKind.UPSTREAM:
        return pins.write_upstream(upstream)
    if edge.kind is PinKind.RELEASE:
        return pins.write_release(upstream)
    above = next(one for one in chain.edges if one.down == edge.up)
    code = chain.pinned(above, desired)
    if code is None:
        raise ConfigError(f"has no {above.path}", where=f"{up.url}@{desired}")
    tag = pins.image_tag(code.commit, desired)
    return pins.write_image(upstream, image=_image(chain, up, desired, platform), tag=tag)


def _image(chain: ServiceChain, up: ChainRepo, commit: str, platform: Platform) -> str:
    """The image's name, as the repo that builds it has it at that commit."""
    text = up.text(REPOFILE, commit)
    if text is not None:
        told = parse_document(RepoFile, text, source=f"{up.name}:{REPOFILE}").image
        if told:
            return told
    return f"{platform.registry}/{chain.service.name}"


def _subjects(chain: ServiceChain, verdict: Verdict) -> list[str]:
    """The subjects of the upstream commits that a move brings, newest first."""
    up = chain.repo(verdict.edge.up)
    walk = up.store.walk(pygit2.Oid(hex=verdict.desired or ""), SortMode.TOPOLOGICAL)
    if verdict.pinned and up.has(verdict.pinned):
        walk.hide(pygit2.Oid(hex=verdict.pinned))
    found: list[str] = []
    for commit in walk:
        if len(found) == _MOST_SUBJECTS:
            found.append("...")
            break
        found.append(commit.message.splitlines()[0] if commit.message else "(no message)")
    return found
