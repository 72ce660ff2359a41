"""The story of one service through all its repos: who did what, and when. From git alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

import pygit2

from scaffold.chain.commits import CommitNote, note, pinned_sources
from scaffold.chain.edges import Edge
from scaffold.chain.history import entry_id
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.places import retire_marker
from scaffold.errors import ScaffoldError
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.status.versions import recorded_in


class What(StrEnum):
    """What a commit of main did."""

    CREATED = "created"  # the first commit of a repo
    COMMIT = "commit"
    TAKEN = "taken"  # a repo follows a newer commit of the repo above
    RELEASED = "released"  # in the first environment
    PROMOTED = "promoted"  # in an environment that follows another
    TAKEN_BACK = "taken-back"  # a pin names an older commit than before
    UPGRADED = "upgraded"  # another version of the blueprint is recorded
    RETIRED = "retired"


@dataclass(frozen=True)
class Happening:
    """One commit of main in one repo, and what it did.

    `place` is the environment or the repo whose pin moved, else the repo; `code` the commit of the
    code that came there, and `versions` those of an upgrade; empty where there is none.
    """

    what: What
    repo: str
    place: str
    commit: CommitNote
    code: str = ""
    versions: str = ""


def timeline(chain: ServiceChain, kind: str, most: int) -> tuple[Happening, ...]:
    """The newest `most` happenings of a service on a forge of that kind, newest first.

    Raises ForgeError, UnsafeTreeError.
    """
    # Of the same second, what is later in the chain comes first: it followed from the other.
    found = [
        happening
        for part in reversed(list(chain.service.repos))
        for commit in islice(chain.repo(part).first_parents(), most)
        for happening in _of_commit(chain, chain.repo(part), commit, kind)
    ]
    return tuple(sorted(found, key=lambda one: one.commit.when, reverse=True)[:most])


def _of_commit(
    chain: ServiceChain, repo: ChainRepo, commit: pygit2.Commit, kind: str
) -> Iterator[Happening]:
    """What one commit did: what it did to pins and versions; else it is just a commit."""
    told = note(commit, kind, repo.url)
    if not commit.parent_ids:
        yield Happening(What.CREATED, repo.part, repo.part, told)
        return
    before = commit.parents[0]
    known = False
    for edge in chain.edges:
        if edge.down == repo.part and entry_id(commit, edge.path) != entry_id(before, edge.path):
            what, code = _moved(chain, edge, before, commit)
            yield Happening(what, repo.part, edge.place, told, code=code)
            known = True
    for edge in chain.environments:
        marker = retire_marker(edge.place)
        if edge.down == repo.part and entry_id(commit, marker) and not entry_id(before, marker):
            yield Happening(What.RETIRED, repo.part, edge.place, told)
            known = True
    if entry_id(commit, DEFAULT_NAME) != entry_id(before, DEFAULT_NAME):
        old, new = recorded_in(before.tree), recorded_in(commit.tree)
        if new is not None and new != old:
            versions = f"{old} to {new}" if old else new
            yield Happening(What.UPGRADED, repo.part, repo.part, told, versions=versions)
            known = True
    if not known:
        yield Happening(What.COMMIT, repo.part, repo.part, told)


def _moved(
    chain: ServiceChain, edge: Edge, before: pygit2.Commit, commit: pygit2.Commit
) -> tuple[What, str]:
    """What a move of a pin is, and the commit of the code that came."""
    what = What.TAKEN
    if edge.environment is not None:
        what = What.RELEASED if edge.environment.after is None else What.PROMOTED
    try:
        old, new = (chain.pinned(edge, str(one.id)) for one in (before, commit))
        sources = pinned_sources(chain, edge, str(commit.id))
        above = chain.repo(edge.up)
    except ScaffoldError:  # a pin that was malformed then
        return what, ""
    if old and (new is None or above.is_ancestor(new.commit, old.commit)):
        what = What.TAKEN_BACK
    return what, sources[-1].commit if sources else ""
