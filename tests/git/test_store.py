"""The store of repos: what is at hand of a remote repo, and for how long."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from scaffold.git.clones import fetch_missing
from scaffold.git.store import open_copy, open_mirror, open_recent
from scaffold.git.tree import open_repo
from tests.builders import commit_files, git, serve_folder

URL = "https://forge.test/shop.git"


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo with three commits that is on a server as far as scaffold can tell."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    serve_folder(monkeypatch, tmp_path / "forge", "https://forge.test")
    folder = tmp_path / "forge/shop.git"
    for number in range(3):
        commit_files(folder, {"a": f"{number}\n"})
    git("tag", "v1.0.0", cwd=folder)
    return folder


def release(origin: Path) -> None:
    """A release that is new on the server."""
    commit_files(origin, {"a": "new\n"})
    git("tag", "v2.0.0", cwd=origin)


def test_a_mirror_has_what_the_remote_has_now(origin: Path) -> None:
    """Each time it is opened, and it stays in the cache."""
    first, _ = open_mirror(URL)
    release(origin)

    folder, store = open_mirror(URL)

    assert (first, True) == (folder, "refs/tags/v2.0.0" in store.references)


def test_a_copy_does_not_change_during_a_run(origin: Path, tmp_path: Path) -> None:
    """All workers of a run see the releases that there were when the first one looked."""
    open_copy(URL, tmp_path / "run")
    release(origin)

    assert (False, True) == (
        "refs/tags/v2.0.0" in open_copy(URL, tmp_path / "run").references,
        "refs/tags/v2.0.0" in open_copy(URL, tmp_path / "next run").references,
    )


def test_a_recent_history_is_as_deep_as_it_is_asked_for(origin: Path, tmp_path: Path) -> None:
    """It is told where the default branch is."""
    head = git("rev-parse", "HEAD", cwd=origin)

    recent = open_recent(URL, tmp_path / "recent", 2)

    count = git("rev-list", "--count", head, cwd=recent.folder)
    assert (head, "main", "2") == (recent.head, recent.branch, count)


def test_a_repo_on_this_machine_is_read_in_place(origin: Path, tmp_path: Path) -> None:
    """Whichever way it is opened."""
    url = f"file://{origin}"

    assert [origin / ".git"] * 3 == [
        Path(open_mirror(url)[1].path),
        Path(open_copy(url, tmp_path / "run").path),
        open_recent(url, tmp_path / "recent", 2).folder,
    ]


@pytest.mark.parametrize(
    "opening", [open_mirror, lambda url: open_recent(url, Path("recent"), 2)],
    ids=["mirror", "recent"],
)  # fmt: skip
def test_a_folder_that_is_gone_is_told_as_such(
    opening: Callable[[str], object], tmp_path: Path
) -> None:
    """With the same words."""
    with pytest.raises(ForgeError, match="there is no repo here"):
        opening(f"file://{tmp_path}/none.git")


def test_a_commit_that_is_at_hand_is_not_fetched(origin: Path) -> None:
    """The server need not be there."""
    head = str(open_repo(origin).head.target)

    fetch_missing(origin, "https://gone.test/shop.git", head)


def test_a_commit_that_is_missing_is_fetched(origin: Path, tmp_path: Path) -> None:
    """By its id, if nothing else leads to it."""
    folder = open_recent(URL, tmp_path / "recent", 1).folder
    older = git("rev-parse", "HEAD~1", cwd=origin)

    fetch_missing(folder, URL, older)

    assert older in open_repo(folder)
