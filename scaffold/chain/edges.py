"""The edges of a service's chain: which pin in which repo follows which other repo. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scaffold.chain import pins
from scaffold.chain.pins import Upstream
from scaffold.chain.release import read_release
from scaffold.config.blueprint import Blueprint, PinKind
from scaffold.config.engine import deploy_status
from scaffold.config.environment import Environment, Promotion
from scaffold.config.places import IMAGE_PATH, UPSTREAM_PATH, release_folder, release_path
from scaffold.config.platform import Platform


@dataclass(frozen=True)
class _Kind:
    """What a kind of pin is: its file (of an environment's, by its name), and how that is read.

    `status` is the one that the followed repo's own pipeline gives a commit that may be pinned.
    `rewrite` writes the file anew from what is read of it; a release that somebody edited is not
    read at all, so it has none.
    """

    path: Callable[[str], str]
    read: Callable[[str | bytes, str], Upstream | None]
    status: str
    rewrite: Callable[[bytes, str], bytes] | None = None


def _read_release(data: str | bytes, source: str) -> Upstream | None:
    release = read_release(data, source=source)
    return release.upstream if release else None


_KINDS: Mapping[PinKind, _Kind] = {
    PinKind.UPSTREAM: _Kind(
        lambda _: UPSTREAM_PATH,
        lambda data, source: pins.read_upstream(data, source=source),
        "test",
        pins.rewritten_upstream,
    ),
    PinKind.IMAGE: _Kind(
        lambda _: IMAGE_PATH,
        lambda data, source: pins.read_image(data, source=source),
        "image",
        pins.rewritten_image,
    ),
    PinKind.RELEASE: _Kind(release_path, _read_release, "validate"),
}


@dataclass(frozen=True)
class Edge:
    """One pin. `environment` is that of an env repo's pin; `up` may be the very repo it is in.

    `no_release` are the patterns by which a change of that repo makes no release, beside the rule
    for all.
    """

    up: str
    down: str
    kind: PinKind
    environment: Environment | None = None
    no_release: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The machine-owned file that names the commit."""
        return _KINDS[self.kind].path(self.place)

    @property
    def status(self) -> str:
        """The status that a commit of the repo above needs before it is pinned here."""
        return _KINDS[self.kind].status

    @property
    def place(self) -> str:
        """What it is called when a person reads of it."""
        return self.environment.name if self.environment else self.down

    @property
    def works(self) -> str:
        """The status of a commit of this very repo by which the release works, once it is green."""
        return self.environment.status if self.environment else self.status

    @property
    def deployed(self) -> str:
        """The status of a commit of this very repo by which a cluster has what it says.

        A smoke test is no word on that where an engine deploys: of a retired environment it asks
        nothing. A pipeline's comes after the deploy, which on GitHub has no status of its own.
        """
        by_engine = self.environment is not None and self.environment.deploy.by_engine
        return deploy_status(self.place) if by_engine else self.works

    def owns(self, path: str) -> bool:
        """Whether a move of this pin may change that file: of a release it is the whole folder."""
        if self.environment is None:
            return path == self.path
        return path.startswith(f"{release_folder(self.environment.name)}/")

    @property
    def needs_a_person(self) -> bool:
        """Whether policy wants somebody to merge what comes here."""
        environment = self.environment
        return environment is not None and environment.promotion is Promotion.MERGE_REQUEST

    def read(self, data: str | bytes, source: str = "") -> Upstream | None:
        """The upstream commit that the file pins. Raises ConfigError where it is malformed."""
        return _read(self.kind, data, source or self.path)

    def foreign_lines(self, data: bytes) -> tuple[str, ...]:
        """The lines of the file that scaffold did not write, such as a label or a comment.

        The next move drops them. How lines are indented makes no difference. Raises ConfigError
        where the file is malformed.
        """
        rewrite = _KINDS[self.kind].rewrite
        if rewrite is None:
            return ()
        own = Counter(line.strip() for line in rewrite(data, self.path).splitlines())
        found: list[str] = []
        for line in data.splitlines():
            if own[line.strip()]:
                own[line.strip()] -= 1
            elif line.strip():
                found.append(line.decode("utf-8", "replace"))
        return tuple(found)


# A pin is read again for each later stage, and again in the next pass.
@lru_cache(maxsize=16_384)
def _read(kind: PinKind, data: str | bytes, source: str) -> Upstream | None:
    return _KINDS[kind].read(data, source)


def edges(blueprint: Blueprint, platform: Platform) -> tuple[Edge, ...]:
    """All pins of a service, each after those that it depends on."""
    found: list[Edge] = []
    for repo in blueprint.chain():
        part = blueprint.repos[repo]
        if part.follows is None or part.pin is None:
            continue
        up, kind = part.follows, part.pin
        if kind is PinKind.IMAGE_AND_RELEASE:
            found.append(Edge(up, repo, PinKind.IMAGE, None, blueprint.repos[up].no_release))
            up, kind = repo, PinKind.RELEASE
        rule = blueprint.repos[up].no_release
        if kind is PinKind.RELEASE:
            found += [Edge(up, repo, kind, environment, rule) for environment in platform.chain()]
        else:
            found.append(Edge(up, repo, kind, None, rule))
    return tuple(found)
