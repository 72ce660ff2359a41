"""A small chain for each test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.git import transport
from tests.chain.world import World, make_world


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

    real: Callable[..., None] = transport.push
    monkeypatch.setattr(transport, "push", counted)
    return seen
