"""Commits as people are told of them: subject, author, age; and which ones a pin stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pygit2
from pygit2.enums import SortMode

from scaffold.chain.edges import Edge
from scaffold.chain.history import committed_at
from scaffold.chain.pins import Upstream
from scaffold.chain.quoting import one_line
from scaffold.chain.release import read_release
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.blueprint import PinKind
from scaffold.errors import ScaffoldError
from scaffold.forge.pages import commit_page
from scaffold.git.tree import message_of, trailers

FROM_TRAILER = "Propagated-From"
_LONGEST_NAME = 40
_UNREADABLE = (ScaffoldError, KeyError, ValueError, pygit2.GitError)


@dataclass(frozen=True)
class CommitNote:
    """One commit; its texts are on one line, and cut. `page` is empty on a forge without pages."""

    id: str
    subject: str
    author: str
    when: datetime
    page: str


@dataclass(frozen=True)
class Source:
    """The commit of one repo on the way to a pin; `note` is missing where it can't be read."""

    repo: str
    name: str
    commit: str
    note: CommitNote | None


def note(commit: pygit2.Commit, kind: str, url: str) -> CommitNote:
    """What a person is told of a commit of the repo at `url`, on a forge of that kind."""
    # Whatever its encoding: a message is only told, never understood.
    subject = message_of(commit).strip().partition("\n")[0]
    return CommitNote(
        str(commit.id),
        one_line(subject) or "(no message)",
        one_line((commit.author.raw_name or b"").decode("utf-8", "replace"), _LONGEST_NAME),
        committed_at(commit),
        commit_page(kind, url, str(commit.id)),
    )


def between(repo: ChainRepo, older: str | None, newer: str) -> Iterator[pygit2.Commit]:
    """The commits that `newer` has and `older` has not, newest first.

    Of a commit with nothing before it there is that one alone.
    """
    if older is None or not repo.has(older):
        yield repo.store[newer].peel(pygit2.Commit)
        return
    walk = repo.store.walk(pygit2.Oid(hex=newer), SortMode.TOPOLOGICAL)
    walk.hide(pygit2.Oid(hex=older))
    yield from walk


def is_a_move(commit: pygit2.Commit, edge: Edge) -> bool:
    """Whether a commit is one that moves this pin, and holds nothing that somebody added to it."""
    if len(commit.parents) != 1 or FROM_TRAILER not in trailers(message_of(commit)):
        return False
    changed = [one.new_file.path for one in commit.tree.diff_to_tree(commit.parents[0].tree).deltas]
    return edge.path in changed and all(map(edge.owns, changed))


def pinned_sources(chain: ServiceChain, edge: Edge, commit: str = "") -> tuple[Upstream, ...]:
    """The commits that a pin stands for at a commit of its repo, by default the head.

    Nearest first, none where nothing was promoted yet. Raises ConfigError where a pin is
    malformed, ForgeError.
    """
    repo = chain.repo(edge.down)
    data = repo.data(edge.path, commit or repo.head)
    if data is None:
        return ()
    if edge.kind is PinKind.RELEASE:
        release = read_release(data, source=f"{repo.name}:{edge.path}")
        return release.sources if release else ()
    pin = edge.read(data, f"{repo.name}:{edge.path}")
    return chain.sources(edge, pin.commit) if pin else ()


def told_sources(chain: ServiceChain, edge: Edge, kind: str) -> tuple[Source, ...]:
    """The same with what can be told of each; what can't be read hides nothing else."""
    try:
        found = pinned_sources(chain, edge)
    except _UNREADABLE:
        return ()
    return tuple(_source(chain, one, kind) for one in found)


def _source(chain: ServiceChain, source: Upstream, kind: str) -> Source:
    known = chain.service.repos.get(source.repo)
    name = known.name if known else source.repo
    try:
        repo = chain.repo(source.repo)
        told = note(repo.store[source.commit].peel(pygit2.Commit), kind, repo.url)
    except _UNREADABLE:
        return Source(source.repo, name, source.commit, None)
    return Source(source.repo, name, source.commit, told)
