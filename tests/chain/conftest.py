"""A small chain for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffold.chain import moves
from scaffold.git import branches
from tests.areas import need
from tests.builders import need_programs
from tests.chain.fast import render_in_process
from tests.chain.world import World, make_world
from tests.pipeline.registry import Registry, running_registry


@pytest.fixture
def real_kustomize(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases are rendered by kustomize itself."""
    need_programs(monkeypatch, "kustomize")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry that the bot asks for digests, by the real skopeo."""
    need("skopeo")
    with running_registry() as server:
        file = tmp_path / "registries.conf"
        file.write_text(f'[[registry]]\nlocation = "{server.address}"\ninsecure = true\n')
        monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(file))
        yield server


@pytest.fixture(autouse=True)
def _rendered_in_this_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by kustomize, which takes its time; and no registry is asked, unless there is one."""
    if "real_kustomize" not in request.fixturenames:
        render_in_process(monkeypatch)
    if "registry" not in request.fixturenames:
        monkeypatch.setattr(moves, "digest_in_registry", lambda _: None)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One service, in step, with dev, staging (after a soak) and prod (by merge request)."""
    return make_world(tmp_path)


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Each push from now on: the repo's name and the branch."""
    seen: list[tuple[str, str]] = []

    def counted(*arguments: Any, **keywords: Any) -> None:
        seen.append((Path(arguments[1]).stem, arguments[3]))
        real(*arguments, **keywords)

    real: Callable[..., None] = branches.push
    monkeypatch.setattr(branches, "push", counted)
    return seen
