"""Temporary folders: what dead processes left is removed, what living ones use stays."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scaffold.errors import FileError, ScaffoldError
from scaffold.git.scratch import clear_up, run_folder, scratch_folder, scratch_root
from tests.areas import NOT_HERE

HOLD_ONE = """
import os, sys, tempfile
from scaffold.git.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "file").write_text("")
    tempfile.mkdtemp(prefix="pymp-")  # as a library does
    os.system("mktemp -d >/dev/null")  # as a program does that is started
    print(folder, flush=True)
    input()
"""
IN_A_CONTAINER = ("unshare", "--pid", "--fork", "--kill-child")
AS_SECOND_PROCESS = ("sh", "-c", '"$0" "$@"; :')


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own place for temporary folders, for other processes too."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@contextmanager
def held_by(*program: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a scratch folder, until it is told to end or killed."""
    with subprocess.Popen(
        [*program, "-c", HOLD_ONE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        yield process
        process.kill()


@pytest.fixture
def other_run() -> Iterator[subprocess.Popen[str]]:
    """Another process on this machine that holds a scratch folder."""
    with held_by(sys.executable) as process:
        yield process


def folder_of(process: "subprocess.Popen[str]") -> Path:
    """The folder that the other process holds."""
    assert process.stdout
    return Path(process.stdout.readline().strip())


def test_it_is_gone_at_the_end() -> None:
    """A run leaves nothing behind, even one that fails."""
    with suppress(RuntimeError), scratch_folder() as folder:
        (folder / "file").write_text("")
        raise RuntimeError

    assert not folder.exists()


def test_nothing_is_left_once_the_process_has_ended(
    other_run: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """Of what libraries and programs put into TMPDIR neither."""
    used = folder_of(other_run)
    assert used.is_dir()
    other_run.communicate("\n")

    assert [scratch_root()] == list(tmp_path.iterdir())
    assert [] == list(scratch_root().iterdir())


@pytest.mark.parametrize("first", ["", "import multiprocessing.util\n"], ids=["later", "first"])
def test_a_library_that_removes_its_own_at_the_end_finds_it(tmp_path: Path, first: str) -> None:
    """Multiprocessing does, and would print a traceback, whenever it is imported."""
    code = "from scaffold.git.scratch import run_folder; run_folder()\n"
    uses = "from multiprocessing.util import get_temp_dir; get_temp_dir()"
    command = [sys.executable, "-c", first + code + uses]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "" == done.stderr
    assert [] == list((tmp_path / f"scaffold-{os.getuid()}").iterdir())


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


def test_what_a_killed_run_left_is_removed(
    other_run: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """The next run takes it away, with what libraries and programs put into TMPDIR."""
    left = folder_of(other_run)
    other_run.kill()
    other_run.wait()
    assert left.is_dir()

    with scratch_folder():
        assert not left.exists()
        ours = run_folder()
        assert [scratch_root()] == list(tmp_path.iterdir())
        assert {ours, ours.with_name(f"{ours.name}.lock")} == set(scratch_root().iterdir())


def test_a_run_without_a_folder_of_its_own_clears_up_too(
    tmp_path: Path, other_run: "subprocess.Popen[str]"
) -> None:
    """And makes none for that."""
    assert folder_of(other_run).is_dir()
    other_run.kill()
    other_run.wait()

    clear_up()

    assert [] == list((tmp_path / f"scaffold-{os.getuid()}").iterdir())


def test_what_a_living_run_uses_stays(other_run: "subprocess.Popen[str]") -> None:
    """Another run at the same time keeps its files."""
    used = folder_of(other_run)

    with scratch_folder():
        assert (used / "file").is_file()


@pytest.mark.skipif(
    os.getuid() != 0 or not sys.platform.startswith("linux"),
    reason=f"{NOT_HERE}only Linux's root can begin to count processes afresh",
)
def test_what_a_living_run_of_another_container_uses_stays(tmp_path: Path) -> None:
    """There processes have other numbers: nobody in the second one has that of the first one's."""
    code = "from scaffold.git.scratch import scratch_folder\nwith scratch_folder(): pass"
    with held_by(*IN_A_CONTAINER, *AS_SECOND_PROCESS, sys.executable) as other:
        used = folder_of(other)
        command = [*IN_A_CONTAINER, sys.executable, "-c", code]
        subprocess.run(command, env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
        with scratch_folder():
            assert (used / "file").is_file()


def test_what_is_not_ours_stays() -> None:
    """Folders that have no name of a run are left alone."""
    other = scratch_root() / "notes"
    other.mkdir()

    with scratch_folder():
        assert other.is_dir()


def test_a_folder_that_a_cleaner_took_is_made_anew() -> None:
    """A bot runs longer than what cleans TMPDIR leaves files be."""
    shutil.rmtree(run_folder())

    with scratch_folder() as folder:
        assert folder.is_dir()


def test_no_other_folder_is_taken_where_tmpdir_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python would go on to others, and at last to the current one, which may be a checkout."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "gone"))

    with pytest.raises(FileError) as caught, scratch_folder():
        pass

    assert (
        f"{tmp_path}/gone: can't write temporary files: No such file or directory",
        "Make room there, or set TMPDIR to another folder that you may write to.",
    ) == caught.value.lines


def test_what_a_link_in_its_place_leads_to_stays(tmp_path: Path) -> None:
    """Whatever is named there as a killed run's folder would be."""
    theirs = tmp_path / "theirs/run-1"
    theirs.mkdir(parents=True)
    (tmp_path / f"scaffold-{os.getuid()}").symlink_to(theirs.parent)

    clear_up()

    assert theirs.is_dir()


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
