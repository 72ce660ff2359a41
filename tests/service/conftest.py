"""A platform for each test."""

from pathlib import Path

import pytest

from tests.prepared import Prepared
from tests.service.run import scaffold

NEW = ("new", "service", "payments", "--defaults")


def _init(folder: Path) -> None:
    made = scaffold("init", folder.name, "--defaults", cwd=folder.parent)
    assert made.returncode == 0, made.stderr


def _with_payments(folder: Path) -> None:
    _init(folder)
    made = scaffold(*NEW, cwd=folder)
    assert 0 == made.returncode, made.stderr


@pytest.fixture
def workspace(prepared: Prepared) -> Path:
    """A fresh platform."""
    return prepared.fresh("platform", _init)


@pytest.fixture
def with_payments(prepared: Prepared) -> Path:
    """A fresh platform with the service `payments`, of the default blueprint."""
    return prepared.fresh("payments", _with_payments)
