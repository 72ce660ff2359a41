"""That the search for tokens, which every test of a forge ends with, finds them."""

from pathlib import Path

import pytest

from tests import tokens
from tests.builders import git


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is noted here alone, since the search at the end of this test counts, too."""
    monkeypatch.setattr(tokens, "_noted", {"tok-of-this-test"})


def test_one_in_what_was_said() -> None:
    """Output, errors and logs."""
    told = {"stdout": "fine", "log": "GET /user with tok-of-this-test"}

    assert ["log"] == tokens.places_of_tokens(told, None)


def test_one_in_a_remotes_url(tmp_path: Path) -> None:
    """Git's own configuration is among the files."""
    git("init", "-q", cwd=tmp_path)
    git("remote", "add", "origin", "https://bot:tok-of-this-test@git.example.com/a", cwd=tmp_path)

    assert [str(tmp_path / ".git/config")] == tokens.places_of_tokens({}, tmp_path)


def test_none(tmp_path: Path) -> None:
    """Nothing is found where there is nothing."""
    (tmp_path / "report.json").write_text("{}", encoding="utf-8")

    assert [] == tokens.places_of_tokens({"stdout": "tok"}, tmp_path)
