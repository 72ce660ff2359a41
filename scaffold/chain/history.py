"""What a pin was and when an environment changed, along the first parents of main."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import pygit2

from scaffold.chain.edges import Edge
from scaffold.chain.repos import ChainRepo
from scaffold.errors import ConfigError

_LATEST = 250_000_000_000  # seconds: in the year 9892, to which a soak can still be added


def pin_values(repo: ChainRepo, edge: Edge) -> tuple[str | None, ...]:
    """What a pin was, oldest first, each value once in a row (None: nothing was promoted yet).

    Commits at which it was missing or malformed say nothing about where it was moved.
    """
    key = (edge.path, repo.head)
    if key not in repo.histories:
        repo.histories[key] = tuple(_pin_values(repo, edge))
    return repo.histories[key]


def _pin_values(repo: ChainRepo, edge: Edge) -> list[str | None]:
    blobs: list[pygit2.Object] = []
    for commit in repo.first_parents():
        blob = _at(commit, edge.path)
        if blob is not None and (not blobs or blobs[-1].id != blob.id):
            blobs.append(blob)
    values: list[str | None] = []
    for blob in reversed(blobs):
        try:
            data = blob.data if isinstance(blob, pygit2.Blob) else b""
            pin = edge.read(data, f"{repo.name}:{edge.path}")
        except ConfigError:
            continue
        value = pin.commit if pin else None
        if not values or values[-1] != value:
            values.append(value)
    return values


@dataclass(frozen=True)
class Stay:
    """Commits of main in a row, newest first, at which a pin had one value.

    None where nothing was promoted yet, or the pin was missing or malformed.
    """

    value: str | None
    commits: tuple[pygit2.Commit, ...]

    @property
    def began(self) -> datetime:
        """When the pin got that value."""
        return committed_at(self.commits[-1])


def stays(repo: ChainRepo, edge: Edge) -> Iterator[Stay]:
    """What a pin was, newest first, and at which commits."""

    def value(commit: pygit2.Commit) -> str | None:
        blob = _at(commit, edge.path)
        if not isinstance(blob, pygit2.Blob):
            return None
        try:
            pin = edge.read(blob.data, f"{repo.name}:{edge.path}")
        except ConfigError:
            return None
        return pin.commit if pin else None

    for found, commits in groupby(repo.first_parents(), value):
        yield Stay(found, tuple(commits))


def last_change(repo: ChainRepo, path: str) -> pygit2.Commit:
    """The last commit of main that changed a file, or anything below a folder."""
    return since_last_change(repo.first_parents(), path)[-1]


def since_last_change(commits: Iterable[pygit2.Commit], path: str) -> list[pygit2.Commit]:
    """The first of the commits, newest first, at which a file or folder is as at the first one."""
    found: list[pygit2.Commit] = []
    now: pygit2.Oid | None = None
    for commit in commits:
        item = _at(commit, path)
        here = item.id if item is not None else None
        if found and here != now:
            break
        now = here
        found.append(commit)
    return found


def committed_at(commit: pygit2.Commit) -> datetime:
    """When a commit was made, by whoever made it; git takes any number of seconds."""
    seconds = max(0, min(commit.commit_time, _LATEST))
    return datetime.fromtimestamp(seconds, tz=UTC)


def _at(commit: pygit2.Commit, path: str) -> pygit2.Object | None:
    tree = commit.tree
    return tree[path] if path in tree else None  # noqa: SIM401 - a pygit2 tree has no `get`


def entry_id(commit: pygit2.Commit, path: str) -> pygit2.Oid | None:
    """The id of what a commit has at a path; None where it has nothing there."""
    found = _at(commit, path)
    return None if found is None else found.id
