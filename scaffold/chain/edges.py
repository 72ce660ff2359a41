"""The edges of a service's chain: which pin in which repo follows which other repo. Pure."""

from dataclasses import dataclass
from functools import lru_cache

from scaffold.chain import pins
from scaffold.chain.pins import Upstream
from scaffold.config.blueprint import Blueprint, PinKind
from scaffold.config.platform import Environment, Platform, Promotion


@dataclass(frozen=True)
class Edge:
    """One pin. `environment` is that of an env repo's pin."""

    up: str
    down: str
    kind: PinKind
    environment: Environment | None = None

    @property
    def path(self) -> str:
        """The machine-owned file that holds it."""
        if self.environment is not None:
            return pins.release_path(self.environment.name)
        return pins.UPSTREAM_PATH if self.kind is PinKind.UPSTREAM else pins.IMAGE_PATH

    @property
    def place(self) -> str:
        """What it is called when a person reads of it."""
        return self.environment.name if self.environment else self.down

    @property
    def needs_a_person(self) -> bool:
        """Whether policy wants somebody to merge what comes here."""
        environment = self.environment
        return environment is not None and environment.promotion is Promotion.MERGE_REQUEST

    def read(self, data: str | bytes, source: str = "") -> Upstream | None:
        """The upstream commit that the file pins. Raises ConfigError where it is malformed."""
        return _read(self.kind, data, source or self.path)


# A pin is read again for each later stage, and again in the next pass.
@lru_cache(maxsize=16_384)
def _read(kind: PinKind, data: str | bytes, source: str) -> Upstream | None:
    if kind is PinKind.UPSTREAM:
        return pins.read_upstream(data, source=source)
    if kind is PinKind.IMAGE:
        return pins.read_image(data, source=source)
    return pins.read_release(data, source=source)


def edges(blueprint: Blueprint, platform: Platform) -> tuple[Edge, ...]:
    """All pins of a service, each after those that it depends on."""
    found: list[Edge] = []
    for repo in blueprint.chain():
        part = blueprint.repos[repo]
        if part.follows is None or part.pin is None:
            continue
        if part.pin.per_environment:
            found += [
                Edge(part.follows, repo, part.pin, environment) for environment in platform.chain()
            ]
        else:
            found.append(Edge(part.follows, repo, part.pin))
    return tuple(found)
