"""Repos with SHA-256 ids, git's coming default: git translates their branches, and back."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.errors import StalePushError
from scaffold.upgrade.job import RepoTarget
from scaffold.upgrade.remote import open_remote
from tests.builders import git
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server
from tests.service.run import scaffold
from tests.upgrade.case import Case

BRANCH = "scaffold/template"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A repo of v1.0.0 with SHA-256 ids; v2.0.0 is out."""
    case = Case(tmp_path)
    case.release("v1.0.0", {"a.txt": "one\n"})
    case.generate("v1.0.0")
    shutil.rmtree(case.repo / ".git")
    git("init", "-q", "-b", "main", "--object-format=sha256", cwd=case.repo)
    case.commit("Generate")
    case.edit({"mine.txt": "mine\n"})
    case.release("v2.0.0", {"a.txt": "two\n"})
    return case


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The URL of the repo on a server."""
    with git_server(tmp_path) as server:
        yield f"{server.url.replace('//', f'//bot:{TOKEN}@')}/repo/.git"


def upgraded(case: Case, url: str = "") -> str:
    """What the command says of the repo."""
    told = scaffold("upgrade", "--repo", url or str(case.repo), "--output", "json", cwd=case.root)
    (report,) = json.loads(told.stdout)["repos"]
    return str(report["result"])


def shown(case: Case, path: str) -> str:
    """A file on the branch."""
    return git("show", f"{BRANCH}:{path}", cwd=case.repo)


@pytest.mark.parametrize("on_a_server", [False, True], ids=["checkout", "server"])
def test_a_branch_is_pushed_and_kept_up(case: Case, served: str, on_a_server: bool) -> None:
    """A second run leaves it, one after main moved brings it along, and one after its merge too."""
    url = served if on_a_server else ""
    git("config", "receive.denyCurrentBranch", "ignore", cwd=case.repo)
    first, second = upgraded(case, url), upgraded(case, url)
    case.edit({"more.txt": "more\n"})
    third = upgraded(case, url)

    assert ("opened", "unchanged", "updated") == (first, second, third)
    assert ("two", "mine", "more") == tuple(
        shown(case, path) for path in ("a.txt", "mine.txt", "more.txt")
    )
    git("merge", "-q", "--ff-only", BRANCH, cwd=case.repo)
    assert "current" == upgraded(case, url)


def test_what_was_there_keeps_its_ids(case: Case) -> None:
    """The branch is one commit on top of main, and the repo is whole."""
    head = git("rev-parse", "HEAD", cwd=case.repo)

    upgraded(case)

    assert head == git("rev-parse", f"{BRANCH}^", cwd=case.repo)
    assert head == git("rev-parse", "main", cwd=case.repo)
    git("fsck", "--strict", cwd=case.repo)


def test_a_conflict_has_all_three_sides(case: Case) -> None:
    """They are the commits that the second parent leads to."""
    case.edit({"a.txt": "my one\n"})

    assert "conflicts" == upgraded(case)

    sides = [f"{BRANCH}^2:a.txt", f"{BRANCH}^2^:a.txt", "main:a.txt"]
    assert ["two", "one", "my one"] == [git("show", side, cwd=case.repo) for side in sides]


def test_a_branch_that_a_person_pushed_to_is_left_alone(case: Case) -> None:
    """As in any repo."""
    upgraded(case)
    git("switch", "-q", BRANCH, cwd=case.repo)
    case.edit({"a.txt": "two and mine\n"})
    git("switch", "-q", "main", cwd=case.repo)
    case.release("v3.0.0", {"a.txt": "three\n"})

    assert ("held", "two and mine") == (upgraded(case), shown(case, "a.txt"))


def test_a_branch_that_moves_meanwhile_is_not_overwritten(case: Case) -> None:
    """The ids that are compared are those of the repo."""
    upgraded(case)
    remote = open_remote(RepoTarget("repo", str(case.repo)), case.root / "scratch", None)
    there = git("rev-parse", BRANCH, cwd=remote.folder)
    git("branch", "-f", BRANCH, "main~1", cwd=case.repo)

    with pytest.raises(StalePushError):
        remote.push(remote.head, BRANCH, there)

    assert git("rev-parse", "main~1", cwd=case.repo) == git("rev-parse", BRANCH, cwd=case.repo)


def test_what_git_does_not_translate_is_told(case: Case) -> None:
    """Nothing is pushed."""
    commit = git("rev-parse", "HEAD", cwd=case.repo)
    git("update-index", "--add", "--cacheinfo", f"160000,{commit},lib", cwd=case.repo)
    git("commit", "-q", "-m", "Add a submodule", cwd=case.repo)

    done = scaffold("upgrade", "--repo", str(case.repo), cwd=case.root)

    assert 1 == done.returncode
    assert "has SHA-256 ids, and git can't translate its history" in done.stdout + done.stderr
    assert "" == git("branch", "--list", BRANCH, cwd=case.repo)
