"""Commit statuses of the local forge, which keeps them in git notes."""

import subprocess
import sys
from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.api import StatusState
from scaffold.forge.local import lock
from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import git

NOTES = "refs/notes/scaffold-status"
SET = """
import sys
from scaffold.forge.api import StatusState
from scaffold.forge.local.adapter import LocalFolderForge
for number in range(10):
    LocalFolderForge(sys.argv[1]).set_status(
        "shop", sys.argv[2], f"{sys.argv[3]}-{number}", StatusState.SUCCESS
    )
"""


def test_two_jobs_at_once_lose_nothing(
    forge: LocalFolderForge, branches: dict[str, str], tmp_path: Path
) -> None:
    """CI runs them side by side."""
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", SET, str(tmp_path / "forge"), branches[branch], job]
        )
        for job, branch in (("x", "a"), ("y", "a"), ("z", "b"))
    ]
    assert [0, 0, 0] == [job.wait() for job in jobs]

    assert 20 == len(forge.statuses("shop", branches["a"]))
    assert 10 == len(forge.statuses("shop", branches["b"]))


def test_a_commit_that_is_not_there(forge: LocalFolderForge, branches: dict[str, str]) -> None:
    """Reading tells nothing, writing says so."""
    assert branches
    assert {} == forge.statuses("shop", "1" * 40)
    with pytest.raises(ForgeError, match="has no commit 1111"):
        forge.set_status("shop", "1" * 40, "test", StatusState.SUCCESS)


@pytest.mark.parametrize("text", ["a: [", "- a", "test: maybe", "nonsense"])
def test_notes_that_somebody_else_wrote(
    forge: LocalFolderForge, branches: dict[str, str], tmp_path: Path, text: str
) -> None:
    """They are told as what they are, with how to remove them."""
    folder = tmp_path / "forge/shop.git"
    git("notes", f"--ref={NOTES}", "add", "-m", text, branches["a"], cwd=folder)

    with pytest.raises(ForgeError, match="can't be read") as caught:
        forge.statuses("shop", branches["a"])
    assert f"Remove them: git notes --ref={NOTES} remove {branches['a']}" == caught.value.hint


def test_a_lock_that_is_never_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told whose file it is, after some time, and not waited for without end."""
    monkeypatch.setattr(lock, "_LIMIT", 0.2)
    with (
        lock.alone(tmp_path, "statuses"),
        pytest.raises(ForgeError, match="somebody else has it for") as caught,
        lock.alone(tmp_path, "statuses"),
    ):
        pass

    assert str(tmp_path / "scaffold-statuses.lock") == caught.value.where
