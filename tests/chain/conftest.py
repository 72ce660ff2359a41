"""A small chain for each test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.git import branches
from tests.builders import need_programs
from tests.chain.fast import render_in_process
from tests.chain.world import World, make_world


@pytest.fixture
def real_kustomize(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases are rendered by kustomize itself."""
    need_programs(monkeypatch, "kustomize")


@pytest.fixture(autouse=True)
def _rendered_in_this_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by kustomize, which takes its time; `test_rendering` and `test_promote_builds` do."""
    if "real_kustomize" not in request.fixturenames:
        render_in_process(monkeypatch)


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
