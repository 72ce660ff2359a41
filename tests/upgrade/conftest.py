"""A case for each test, and somebody who makes the commits."""

from pathlib import Path

import pytest

from tests.upgrade.case import Case


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are made by somebody, whoever runs the tests."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A fresh template and repo."""
    return Case(tmp_path)
