"""A case for each test, and somebody who makes the commits."""

from pathlib import Path

import pytest

from tests.upgrade.case import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A fresh template and repo."""
    return Case(tmp_path)
