"""Renders the blueprint's repos; what all blueprints test alike is in shared/testing."""

from pathlib import Path
from typing import Any

import pytest

# So that their asserts say what was compared.
pytest.register_assert_rewrite("promtool", "rendering", "tracing", "http_database", "http_env", "http_manifest", "http_network")

from rendering import Render, renderer


@pytest.fixture(scope="session")
def render(copie_session: Any) -> Render:
    """A function: the folder of one rendered repo. Do not write to it."""
    return renderer(copie_session, Path(__file__).parents[1])
