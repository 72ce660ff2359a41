"""A commit of another repo, read where it is at hand."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from scaffold.git import access
from scaffold.git.access import Access, use_access
from scaffold.git.mirror import read_commit
from scaffold.git.tree import Entry
from tests.builders import commit_files, git
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server
from tests.stand_ins import StandIns

TREE = {"a": Entry.file(b"one\n")}


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A repo on a server, of which there is no mirror yet; `first` is where it was made."""
    monkeypatch.setattr(access, "_accesses", {})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with git_server(tmp_path / "server") as server:
        commit_files(tmp_path / "first", {"a": "one\n"})
        git("push", "-q", str(server.git.make("shop")), "main", cwd=tmp_path / "first")
        use_access(Access(server.url, "bot", TOKEN))
        yield f"{server.url}/shop.git"


@pytest.fixture
def commit(url: str, tmp_path: Path) -> str:
    """The commit on its main."""
    assert url
    return git("rev-parse", "main", cwd=tmp_path / "first")


def test_it_is_fetched_once(
    url: str, commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many ask for it at a time."""
    programs = StandIns(tmp_path / "stand-ins")
    monkeypatch.setenv("PATH", programs.path)
    programs.note("git")

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_commit(url, commit), range(8)))

    assert [TREE] * 8 == found
    assert 1 == len([one for one in programs.started if "fetch" in one.arguments])


def test_one_that_no_branch_has(url: str) -> None:
    """The error names the repo and the commit."""
    with pytest.raises(ForgeError, match="has no commit aaaaaaaaaaaa on a branch") as caught:
        read_commit(url, "a" * 40)

    assert url == caught.value.where


def test_a_place_is_not_fetched(tmp_path: Path) -> None:
    """It is read there, whatever the URL is."""
    commit = commit_files(tmp_path / "repo", {"a": "one\n"})

    assert TREE == read_commit("https://git.invalid/a.git", commit, tmp_path / "repo")
