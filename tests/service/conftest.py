"""A platform for each test."""

from pathlib import Path

import pytest

from tests.service.run import scaffold


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are made by somebody, whoever runs the tests."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A fresh platform."""
    made = scaffold("init", "acme", "--defaults", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "acme"
