"""Release notes: what a move brings, for whoever decides on it or looks it up later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import pygit2

from scaffold.chain.commits import CommitNote, between, is_a_move, note, pinned_sources
from scaffold.chain.edges import Edge
from scaffold.chain.pins import Upstream, read_image_reference
from scaffold.chain.release import KUSTOMIZATION, read_release
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.blueprint import PinKind
from scaffold.config.places import IMAGE_PATH, RELEASE_FILE, release_folder

_LISTED = 20
_COUNTED = 1_000


@dataclass(frozen=True)
class Commits:
    """Some commits of a repo, newest first; `more` were not listed, `moves` only move its pin.

    Of more than a thousand commits the rest is not counted.
    """

    listed: tuple[CommitNote, ...] = ()
    more: int = 0
    moves: int = 0


@dataclass(frozen=True)
class RepoNotes:
    """What comes of one repo on the way, and what is taken out; `old` is None at first."""

    repo: str
    name: str
    old: str | None
    new: str
    comes: Commits
    goes: Commits


@dataclass(frozen=True)
class ReleaseNotes:
    """What a move brings: of each repo whose commit changes, the code first; and the images.

    `diff` is of the rendered objects, a unified diff without its end of lines, see `with_diff`;
    empty where none changes, or where a pin is moved that renders nothing. `dropped` are the lines
    that somebody wrote into the pin's file, which the move does not keep.
    """

    service: str
    place: str
    repos: tuple[RepoNotes, ...]
    image_before: str | None = None
    image_after: str | None = None
    diff: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    dropped_from: str = ""

    @property
    def warning(self) -> str:
        """That the move drops lines that somebody wrote; empty where it drops none."""
        number = len(self.dropped)
        many = "1 line" if number == 1 else f"{number:,} lines"
        return f"drops {many} that somebody wrote into {self.dropped_from}" if number else ""


def release_notes(
    chain: ServiceChain, edge: Edge, desired: str, parent: str, kind: str
) -> ReleaseNotes:
    """What a move to `desired` brings on top of `parent`, on a forge of that kind.

    Raises ConfigError where a pin on the way is malformed, ForgeError.
    """
    old = {one.repo: one.commit for one in pinned_sources(chain, edge, parent)}
    repos = tuple(
        _repo(chain, one, old.get(one.repo), kind)
        for one in reversed(chain.sources(edge, desired))
        if old.get(one.repo) != one.commit
    )
    before = after = None
    if edge.kind is PinKind.RELEASE:
        before, after = _images(chain, edge, desired, parent)
    was = chain.repo(edge.down).data(edge.path, parent)
    dropped = edge.foreign_lines(was) if was is not None else ()
    told = (chain.service.name, edge.place, repos, before, after)
    return ReleaseNotes(*told, dropped=dropped, dropped_from=edge.path)


def with_diff(
    notes: ReleaseNotes, chain: ServiceChain, edge: Edge, parent: str, commit: str
) -> ReleaseNotes:
    """The same with the rendered difference that the commit which makes the move brings."""
    return replace(notes, diff=tuple(_diff(chain.repo(edge.down), edge, parent, commit)))


def _repo(chain: ServiceChain, source: Upstream, old: str | None, kind: str) -> RepoNotes:
    repo, above = chain.repo(source.repo), chain.above(source.repo)
    comes = _commits(repo, between(repo, old, source.commit), above, kind)
    goes = Commits()
    if old is not None and repo.has(old):
        goes = _commits(repo, between(repo, source.commit, old), above, kind)
    return RepoNotes(source.repo, repo.name, old, source.commit, comes, goes)


def _commits(
    repo: ChainRepo, found: Iterator[pygit2.Commit], above: Edge | None, kind: str
) -> Commits:
    listed: list[CommitNote] = []
    more = moves = 0
    for commit in islice(found, _COUNTED):
        if above is not None and is_a_move(commit, above):
            moves += 1
        elif len(listed) < _LISTED:
            listed.append(note(commit, kind, repo.url))
        else:
            more += 1
    return Commits(tuple(listed), more, moves)


def _images(
    chain: ServiceChain, edge: Edge, desired: str, parent: str
) -> tuple[str | None, str | None]:
    repo, up = chain.repo(edge.down), chain.repo(edge.up)
    was, comes = repo.data(edge.path, parent), up.data(IMAGE_PATH, desired)
    before = read_release(was, source=f"{repo.name}:{edge.path}") if was else None
    after = read_image_reference(comes, source=f"{up.name}:{IMAGE_PATH}") if comes else None
    return before.image if before else None, after


def _diff(repo: ChainRepo, edge: Edge, parent: str, commit: str) -> Iterator[str]:
    """The lines of the objects that change, without the files that only list them."""
    if edge.environment is None:
        return
    folder = release_folder(edge.environment.name)
    before, after = (_folder(repo, one, folder) for one in (parent, commit))
    if after is None:
        return
    changes = before.diff_to_tree(after) if before else after.diff_to_tree(swap=True)
    for patch in changes:
        path = patch.delta.new_file.path if patch else RELEASE_FILE
        if patch and path not in (RELEASE_FILE, KUSTOMIZATION):
            yield from _lines(path, patch.data.decode("utf-8", "replace").splitlines())


def _lines(path: str, lines: Sequence[str]) -> Iterator[str]:
    """A patch that is headed by the name of the object's file alone."""
    yield f"# {path}"
    start = next((at for at, line in enumerate(lines) if line.startswith("@@")), len(lines))
    yield from lines[start:]


def _folder(repo: ChainRepo, commit: str, folder: str) -> pygit2.Tree | None:
    tree = repo.store[commit].peel(pygit2.Commit).tree
    found = tree[folder] if folder in tree else None  # noqa: SIM401 - it has no `get`
    return found if isinstance(found, pygit2.Tree) else None
