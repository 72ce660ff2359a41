"""The paired repos of one service, as the bot sees them: their heads, pins and artefacts."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pygit2

from scaffold.chain.edges import Edge
from scaffold.chain.pins import Upstream
from scaffold.config.blueprint import PinKind
from scaffold.config.no_release import makes_no_release
from scaffold.config.places import BASE_FOLDER
from scaffold.config.service import Service
from scaffold.config.urls import local_folder
from scaffold.errors import ConfigError, ForgeError
from scaffold.git import branches, clones
from scaffold.git.store import open_mirror
from scaffold.git.verified import verified_tree

_HEADS = "refs/heads/"
MAIN = f"{_HEADS}main"
_NO_MAIN = "Push it again from a clone that has it, or retire the service."


@dataclass
class ChainRepo:
    """One repo; `head` is where its main is."""

    part: str
    name: str
    url: str
    folder: Path
    store: pygit2.Repository
    head: str
    # What each pin was, by its path and the head that was looked from.
    histories: dict[tuple[str, str], tuple[str | None, ...]] = field(default_factory=dict)
    _trees: dict[str, pygit2.Tree] = field(default_factory=dict)

    def tree(self, commit: str | None = None) -> pygit2.Tree:
        """The tree of a commit, by default of the head. Raises UnsafeTreeError, ForgeError."""
        commit = commit or self.head
        if commit not in self._trees:
            self._trees[commit] = verified_tree(self.store, commit, self.url)
        return self._trees[commit]

    def data(self, path: str, commit: str | None = None) -> bytes | None:
        """The bytes of a file at a commit, by default at the head; None where it is not there."""
        tree = self.tree(commit)
        if path not in tree:
            return None
        item = tree[path]
        return item.data if isinstance(item, pygit2.Blob) else None

    def text(self, path: str, commit: str | None = None) -> str | None:
        """The same as text to show to people."""
        data = self.data(path, commit)
        return None if data is None else data.decode("utf-8", "replace")

    def has(self, commit: str) -> bool:
        """Whether there is such a commit."""
        return commit in self.store

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `older` is reached from `newer`, and is another one."""
        if older == newer or not (self.has(older) and self.has(newer)):
            return False
        return self.store.descendant_of(pygit2.Oid(hex=newer), pygit2.Oid(hex=older))

    def files_below(self, folder: str, commit: str) -> dict[str, bytes]:
        """The files below a folder at a commit, by their paths in it; none where it is not there.

        A link or a submodule is a file with the bytes that git has of it. Raises UnsafeTreeError.
        """
        tree = self.tree(commit)
        top = tree[folder] if folder in tree else None  # noqa: SIM401 - it has no `get`
        if not isinstance(top, pygit2.Tree):
            return {}
        return {
            path: item.data if isinstance(item, pygit2.Blob) else str(item.id).encode()
            for path, item in _items(top, "")
        }

    def first_parents(self, start: str = "") -> Iterator[pygit2.Commit]:
        """The commits of main, newest first, without those that were merged in.

        They begin at another commit where `start` is given.
        """
        commit = self.store[start or self.head].peel(pygit2.Commit)
        yield commit
        while commit.parent_ids:
            commit = self.store[commit.parent_ids[0]].peel(pygit2.Commit)
            yield commit

    def branch(self, name: str) -> str | None:
        """Where another branch was when this repo was opened, or None."""
        ref = f"{_HEADS}{name}"
        return str(self.store.references[ref].target) if ref in self.store.references else None

    def branches(self, start: str) -> list[str]:
        """The branches whose names begin so, as they were when this repo was opened."""
        names = (
            ref.removeprefix(_HEADS) for ref in self.store.references if ref.startswith(_HEADS)
        )
        return sorted(name for name in names if name.startswith(start))


class ServiceChain:
    """All repos of a service, and what can be told by looking at several of them."""

    def __init__(self, service: Service, edges: tuple[Edge, ...]) -> None:
        self.service = service
        self.edges = edges
        self._repos: dict[str, ChainRepo] = {}
        self._artefacts: dict[tuple[str, str], str] = {}

    def repo(self, part: str) -> ChainRepo:
        """One of the repos, opened when it is first asked for. Raises ForgeError."""
        if part not in self._repos:
            known = self.service.repos.get(part)
            if known is None:
                raise ConfigError(
                    f"the catalog has no repo `{part}` of it", where=self.service.name
                )
            self._repos[part] = open_chain_repo(part, known.name, known.url)
        return self._repos[part]

    def pinned(self, edge: Edge, commit: str | None = None) -> Upstream | None:
        """What a pin says at a commit of its repo. Raises ConfigError where it is malformed."""
        repo = self.repo(edge.down)
        data = repo.data(edge.path, commit)
        return None if data is None else edge.read(data, f"{repo.name}:{edge.path}")

    def artefact(self, part: str, commit: str) -> str:
        """What a commit amounts to: what it renders or builds, and what it pins; no docs."""
        key = (part, commit)
        if key not in self._artefacts:
            self._artefacts[key] = self._artefact(part, commit)
        return self._artefacts[key]

    def _artefact(self, part: str, commit: str) -> str:
        told = hashlib.sha256()
        repo = self.repo(part)
        if not repo.has(commit):
            return f"gone {commit}"
        machine = {edge.path for edge in self.edges if edge.down == part}
        more = self.no_release(part)
        tree = repo.tree(commit)
        for path, oid in self._what_runs(part, tree):
            if path not in machine and not makes_no_release(path, more):
                told.update(f"{path} {oid}\n".encode())
        if above := self.above(part):
            pin = self.pinned(above, commit)
            if pin is not None:
                told.update(self.artefact(above.up, pin.commit).encode())
        return told.hexdigest()

    def no_release(self, part: str) -> tuple[str, ...]:
        """The patterns by which a change of a repo makes no release, beside the rule for all."""
        return next((edge.no_release for edge in self.edges if edge.up == part), ())

    def _what_runs(self, part: str, tree: pygit2.Tree) -> Iterator[tuple[str, str]]:
        if any(edge.up == part and edge.kind is PinKind.RELEASE for edge in self.edges):
            base = tree[BASE_FOLDER] if BASE_FOLDER in tree else None  # noqa: SIM401 - it has no `get`
            return _files(base, f"{BASE_FOLDER}/") if isinstance(base, pygit2.Tree) else iter(())
        return _files(tree, "")

    def sources(self, edge: Edge, commit: str) -> tuple[Upstream, ...]:
        """The commit of the repo above that a pin would name, and all that it is made from.

        Raises ConfigError where a pin on the way is malformed.
        """
        found = [Upstream(edge.up, self.repo(edge.up).url, commit)]
        while above := self.above(found[-1].repo):
            pin = self.pinned(above, found[-1].commit)
            if pin is None or not self.repo(above.up).has(pin.commit):
                break
            found.append(Upstream(above.up, pin.url, pin.commit))
        return tuple(found)

    def above(self, part: str) -> Edge | None:
        """The pin by which a repo itself follows another, if any."""
        return next((e for e in self.edges if e.down == part and e.environment is None), None)

    def before(self, edge: Edge) -> Edge | None:
        """The pin of the environment before, in the order of promotion; None for the first."""
        if edge.environment is None or edge.environment.after is None:
            return None
        return next(one for one in self.environments if one.place == edge.environment.after)

    @cached_property
    def environments(self) -> tuple[Edge, ...]:
        """The pins of environments, in the order of promotion."""
        return tuple(edge for edge in self.edges if edge.environment is not None)


def open_chain_repo(part: str, name: str, url: str) -> ChainRepo:
    """Open a repo with its whole history.

    Raises ForgeError where it can't be had, is empty, or is shallow; UnsafeTreeError.
    """
    folder, store = open_mirror(url)
    if store.is_shallow:
        raise ForgeError(
            "is a shallow clone, so what came before what can't be told",
            where=url,
            hint="Fetch the whole history: git fetch --unshallow",
        )
    if MAIN not in store.references:
        raise ForgeError("has no branch `main`", where=url, hint=_NO_MAIN)
    try:
        head = str(store.references[MAIN].peel(pygit2.Commit).id)
    except pygit2.GitError as error:
        raise ForgeError(f"its `main` is no commit: {error}", where=url, hint=_NO_MAIN) from error
    verified_tree(store, head, url)
    return ChainRepo(part, name, url, folder, store, head)


def refresh(repo: ChainRepo) -> None:
    """Look again where main is. Raises ForgeError where it is gone; UnsafeTreeError."""
    if local_folder(repo.url) == repo.folder:
        head = repo.branch("main")
    else:
        head = branches.remote_head(repo.url)
    if head is None:
        raise ForgeError("has no branch `main`", where=repo.url)
    clones.fetch_missing(repo.folder, repo.url, head, MAIN)
    verified_tree(repo.store, head, repo.url)
    repo.head = head


def _files(tree: pygit2.Tree, prefix: str) -> Iterator[tuple[str, str]]:
    return ((path, f"{item.filemode:o} {item.id}") for path, item in _items(tree, prefix))


def _items(tree: pygit2.Tree, prefix: str) -> Iterator[tuple[str, pygit2.Object]]:
    for item in tree:
        path = f"{prefix}{item.name}"
        if isinstance(item, pygit2.Tree):
            yield from _items(item, f"{path}/")
        else:
            yield path, item
