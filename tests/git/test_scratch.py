"""Temporary folders: what dead processes left is removed, what living ones use stays."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from scaffold.errors import ScaffoldError
from scaffold.git.scratch import scratch_folder, scratch_root
from tests.areas import NOT_HERE

HOLD_ONE = """
from scaffold.git.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "file").write_text("")
    print(folder, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own place for temporary folders, for other processes too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def other_run() -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a scratch folder, until it is told to end or killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_ONE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def folder_of(process: "subprocess.Popen[str]") -> Path:
    """The folder that the other process holds."""
    assert process.stdout
    return Path(process.stdout.readline().strip())


def test_it_is_gone_at_the_end() -> None:
    """A run leaves nothing behind, even one that fails."""
    with suppress(RuntimeError), scratch_folder() as folder:
        (folder / "file").write_text("")
        raise RuntimeError

    assert [] == list(scratch_root().iterdir())


def test_only_the_user_may_look_in() -> None:
    """Private repos are laid out there."""
    with scratch_folder() as folder:
        assert (0o700, 0o700) == (
            folder.stat().st_mode & 0o777,
            scratch_root().stat().st_mode & 0o777,
        )


def test_two_at_once_are_apart() -> None:
    """Each gets its own folder, and the second leaves the first alone."""
    with scratch_folder() as first, scratch_folder() as second:
        assert first != second
        assert first.is_dir()


def test_what_a_killed_run_left_is_removed(other_run: "subprocess.Popen[str]") -> None:
    """The next run takes it away."""
    left = folder_of(other_run)
    other_run.kill()
    other_run.wait()
    assert left.is_dir()

    with scratch_folder():
        assert not left.exists()


def test_what_a_living_run_uses_stays(other_run: "subprocess.Popen[str]") -> None:
    """Another run at the same time keeps its files."""
    used = folder_of(other_run)

    with scratch_folder():
        assert (used / "file").is_file()


def test_what_is_not_ours_stays() -> None:
    """Folders whose names tell no process are left alone."""
    others = [scratch_root() / name for name in ("notes", "run-", "run-me")]
    for other in others:
        other.mkdir()

    with scratch_folder():
        assert [True] * 3 == [other.is_dir() for other in others]


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    """Its name can be guessed; where another user was first, nothing is put into their folder."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"scaffold-{os.getuid()}").symlink_to("elsewhere")

    with pytest.raises(ScaffoldError), scratch_folder():
        pass


@pytest.mark.skipif(
    os.getuid() != 0, reason=f"{NOT_HERE}only root can make a folder of another user"
)
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Whoever owns the folder can put into it what we would render."""
    folder = tmp_path / f"scaffold-{os.getuid()}"
    folder.mkdir()
    os.chown(folder, 65534, 65534)

    with pytest.raises(ScaffoldError), scratch_folder():
        pass
