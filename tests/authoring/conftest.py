"""An author for each test."""

from pathlib import Path

import pytest

from tests.authoring.blueprints import Author, make_author


@pytest.fixture
def author(tmp_path: Path) -> Author:
    """An author with a small blueprint that was never released."""
    return make_author(tmp_path)
