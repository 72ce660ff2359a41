"""Which branch of a checkout is taken for the default one, also where HEAD is detached."""

from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from scaffold.git.branches import default_head
from tests.builders import commit_files, git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repo with one commit on main, which is checked out."""
    commit_files(tmp_path, {"file": "one\n"})
    git("branch", "-M", "main", cwd=tmp_path)
    return tmp_path


def head_of(checkout: Path, *what: str) -> str:
    """A commit of the repo."""
    return git("rev-parse", *(what or ("HEAD",)), cwd=checkout)


def test_the_branch_that_is_checked_out(checkout: Path) -> None:
    """Whatever it is called."""
    git("switch", "-q", "-c", "trunk", cwd=checkout)

    assert (head_of(checkout), "trunk") == default_head(str(checkout))


def test_a_detached_head_leaves_main(checkout: Path) -> None:
    """The checkout of a pipeline is of a commit: main counts, not that commit."""
    git("checkout", "-q", "--detach", cwd=checkout)
    git("commit", "-q", "--allow-empty", "-m", "A merge that CI tries", cwd=checkout)

    assert (head_of(checkout, "main"), "main") == default_head(str(checkout))


def test_a_detached_head_leaves_what_origin_has_as_default(checkout: Path) -> None:
    """Before any name."""
    git("branch", "trunk", cwd=checkout)
    git("update-ref", "refs/remotes/origin/trunk", "HEAD", cwd=checkout)
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk", cwd=checkout)
    git("checkout", "-q", "--detach", cwd=checkout)

    assert (head_of(checkout), "trunk") == default_head(str(checkout))


def test_a_detached_head_without_such_a_branch_is_told(checkout: Path) -> None:
    """With what to do; it is no empty repo."""
    git("checkout", "-q", "--detach", cwd=checkout)
    git("branch", "-q", "-m", "main", "one", cwd=checkout)
    git("branch", "-q", "two", cwd=checkout)

    with pytest.raises(ForgeError, match="its HEAD is detached") as caught:
        default_head(str(checkout))

    assert "Check out the branch that upgrades go to: git switch BRANCH" == caught.value.hint
