"""Repos that are somewhere else: the bot works on mirrors in its cache, and believes the forge."""

import shutil
from pathlib import Path

import pytest

from scaffold.chain.decide import Why
from tests.builders import serve_folder
from tests.chain.world import World, event


@pytest.fixture
def remote(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same forge, by URLs that only git understands."""
    world.base_url = "https://forge.test"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    serve_folder(monkeypatch, tmp_path / "forge", "https://forge.test")
    return world


def test_a_commit_walks_to_dev(remote: World) -> None:
    """As it does on repos at hand, twice, since the mirrors are there then."""
    for text in ("two\n", "three\n"):
        code = remote.commit("code", {"app.py": text})
        remote.settle()
        assert code == remote.pin("docker")
        assert remote.head("manifest") == remote.pin("dev")


def test_a_revert_holds(remote: World) -> None:
    """The mirror has the whole history, so the move back is seen."""
    remote.commit("code", {"app.py": "two\n"})
    remote.settle()
    remote.revert("dev")
    old = remote.pin("dev")

    assert Why.HELD == event(remote.settle(), "dev").verdict.why
    assert old == remote.pin("dev")


def test_a_bot_that_starts_with_an_empty_cache_sees_the_same(
    remote: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All state is in git: holds outlive the bot and its machine."""
    remote.commit("code", {"app.py": "two\n"})
    remote.settle()
    remote.revert("dev")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))

    assert Why.HELD == event(remote.run(), "dev").verdict.why


def test_a_force_pushed_upstream_is_seen(remote: World) -> None:
    """The mirror follows, and nothing moves."""
    first = remote.head("code")
    remote.commit("code", {"app.py": "two\n"})
    remote.settle()
    before = remote.pin("docker")
    remote.commit("code", {"other": "line\n"}, on=first)

    assert Why.DIVERGED == event(remote.run(), "docker").verdict.why
    assert before == remote.pin("docker")


def test_a_merge_request_is_updated_in_place(remote: World) -> None:
    """The branch is in the mirror, too."""
    remote.settings = {"propagation": {"require": "none", "push": "merge-request"}}
    for text in ("two\n", "three\n"):
        code = remote.commit("code", {"app.py": text})
        remote.settle()

    assert 1 == len(remote.forge.merge_requests("shop-docker"))
    assert code == remote.pin("docker", commit="scaffold/promote-docker")


def test_a_deleted_branch_of_a_merge_request_comes_back(remote: World) -> None:
    """What the forge has counts, not what the mirror remembers."""
    remote.settings = {"propagation": {"require": "none", "push": "merge-request"}}
    remote.commit("code", {"app.py": "two\n"})
    remote.settle()
    remote.repo("docker").references.delete("refs/heads/scaffold/promote-docker")
    code = remote.commit("code", {"app.py": "three\n"})

    assert () == remote.run().failures
    assert code == remote.pin("docker", commit="scaffold/promote-docker")


def test_a_deleted_main_is_a_failure(remote: World) -> None:
    """The mirror still has one; it is not taken for the forge's."""
    remote.settle()
    remote.repo("code").references.delete("refs/heads/main")

    (failure,) = remote.run().failures
    assert "https://forge.test/shop-code.git: has no branch `main`" == str(failure.error)


def test_the_versions_of_a_blueprint_somewhere_else(remote: World, tmp_path: Path) -> None:
    """They are tags, and a new one is seen."""
    (tmp_path / "small.git").rename(tmp_path / "forge/small.git")
    sources = [{"name": "small", "url": "https://forge.test/small.git"}]
    remote.settings = {"blueprints": sources}
    code = remote.commit("code", {"app.py": "two\n"})
    remote.settle()

    assert code == remote.pin("docker")


def test_an_unreachable_repo_is_a_failure(remote: World, tmp_path: Path) -> None:
    """An old mirror is no substitute."""
    remote.settle()
    (tmp_path / "forge/shop-code.git").rename(tmp_path / "away")

    (failure,) = remote.run().failures
    assert "forge-failed" == failure.error.reference


def test_a_damaged_cache_stops_nothing(
    remote: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each mirror is fetched anew, which is told; commits walk on as if nothing had been."""
    remote.settle()
    for number, folder in enumerate(sorted((tmp_path / "cache").rglob("1.git"))):
        if number % 2:
            (folder / "refs/heads/main.lock").touch()
        else:
            shutil.rmtree(folder / "objects")
    code = remote.commit("code", {"app.py": "two\n"})

    remote.settle()

    assert remote.head("manifest") == remote.pin("dev")
    assert code == remote.pin("docker")
    assert 4 == sum("fetched anew" in record.getMessage() for record in caplog.records)
