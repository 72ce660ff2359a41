"""A platform for each test."""

from pathlib import Path

import pytest

from tests.service.run import scaffold


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A fresh platform."""
    made = scaffold("init", "acme", "--defaults", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "acme"
