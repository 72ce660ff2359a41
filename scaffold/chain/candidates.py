"""The commits that may come to a place: the newest, and what was there before it.

A release soaks as long as the environment before has it, by itself or in what came on top of it,
and nobody takes it back. So what is older than the newest may go on, and a stream of pushes keeps
nothing from the next stage.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pygit2

from scaffold.chain.edges import Edge
from scaffold.chain.history import Stay, committed_at, since_last_change, stays
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.places import environment_folder


@dataclass(frozen=True)
class Candidate:
    """A commit that may come, since when it soaks, and the status that says whether it is green.

    That status is one of any of the commits `tried` of `repo`, newest first.
    """

    commit: str
    began: datetime
    repo: ChainRepo
    status: str
    tried: Sequence[pygit2.Commit]


def candidates(chain: ServiceChain, edge: Edge) -> Iterator[Candidate]:
    """What may come, newest first: commits of main, or releases that the stage before has.

    What was taken back there is left out.
    """
    before = chain.before(edge)
    if before is not None:
        yield from _releases(chain, edge, before)
        return
    up = chain.repo(edge.up)
    for commit in up.first_parents():
        yield Candidate(str(commit.id), committed_at(commit), up, edge.status, [commit])


def _releases(chain: ServiceChain, edge: Edge, before: Edge) -> Iterator[Candidate]:
    repo, up = chain.repo(edge.down), chain.repo(edge.up)
    there = _Stays(stays(repo, before))
    newer: str | None = None  # the last one that all newer ones have
    number = 0
    while (stay := there.at(number)) is not None and stay.value is not None:
        number += 1
        if newer is None or up.is_ancestor(stay.value, newer):
            newer = stay.value
            yield Candidate(
                stay.value,
                _began(there, number - 1, stay.value, up),
                repo,
                before.works,
                since_last_change(stay.commits, environment_folder(before.place)),
            )
        elif stay.value != newer and not up.is_ancestor(newer, stay.value):
            return  # its history was replaced, so nothing older is in what is there now


def _began(there: "_Stays", number: int, value: str, up: ChainRepo) -> datetime:
    """Since when the environment has a release, by itself or in what came on top of it."""
    while (older := there.at(number + 1)) is not None and older.value is not None:
        if older.value != value and not up.is_ancestor(value, older.value):
            break
        number += 1
    stay = there.at(number)
    assert stay is not None  # noqa: S101 - the caller has seen it
    return stay.began


class _Stays:
    """Stays by number, read from history when they are asked for."""

    def __init__(self, found: Iterator[Stay]) -> None:
        self._found = found
        self._known: list[Stay] = []

    def at(self, number: int) -> Stay | None:
        """The stay of that number, newest first; None where there is none so old."""
        while len(self._known) <= number:
            stay = next(self._found, None)
            if stay is None:
                return None
            self._known.append(stay)
        return self._known[number]
