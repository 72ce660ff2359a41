"""What the commands say where a disk takes nothing more; nothing is lost, and they go on later."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import git
from tests.cli.fleet_of_two import Two, make_two
from tests.disks import NO_ROOM, READ_ONLY, disk, ends, goes_on
from tests.service.run import Done, scaffold

NEW = ("new", "service", "web", "--blueprint", "small", "--data", "repo=code", "--defaults")
UPGRADE = ("upgrade", "--all", "--jobs", "1")
NEED_TMPDIR = {
    "upgrade": UPGRADE,
    "upgrade, by several processes": ("upgrade", "--all", "--jobs", "2"),
    "new": NEW,
    "blueprint lint": ("blueprint", "lint", "../blueprint"),
    "blueprint test": ("blueprint", "test", "../blueprint"),
    "blueprint preview": ("blueprint", "preview", "../blueprint"),
    "init": ("init", "../other", "--defaults"),
}
NEED_FORGE = {
    "bot": ("bot", "run", "--once"),
    "upgrade": UPGRADE,
    "promote": ("promote", "shop", "--to", "prod", "--force"),
    "new": NEW,
}
NEED_NOTHING = {
    "status": ("status",),
    "check": ("check", "."),
}
HINTS = (
    "Make room there, then run this again.",
    "Name another folder, or look at its rights and at the disk.",
    "See that the folder is there, that you may write to it and it has room.",
)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """A platform of two services, and a checkout of their blueprint."""
    made = make_two(tmp_path / "acme")
    git("clone", "-q", f"{made.root}/small.git", f"{made.root}/blueprint", cwd=made.root)
    return made


def refs(two: Two) -> dict[str, str]:
    """All refs of all repos of the forge, and those of the checkout of the platform."""
    repos = [*sorted((two.root / "forge").glob("*.git")), two.root / "platform/.git"]
    return {repo.name: git("for-each-ref", cwd=repo) for repo in repos}


def files(two: Two) -> list[Path]:
    """What lies in the folders that the commands are run in and on."""
    return sorted(
        path for name in ("platform", "blueprint") for path in (two.root / name).rglob("*")
        if ".git" not in path.parts
    )  # fmt: skip


def run(two: Two, *command: str, **env: str) -> Done:
    """Run a command in the checkout of the platform."""
    return scaffold(*command, cwd=two.root / "platform", env=env)


# --- TMPDIR ---------------------------------------------------------------------------


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
@pytest.mark.parametrize("command", NEED_TMPDIR.values(), ids=NEED_TMPDIR)
def test_tmpdir_takes_nothing(two: Two, command: tuple[str, ...], why: str) -> None:
    """One error says so, and nothing is put into the current folder or a checkout instead."""
    before, there = refs(two), files(two)
    with disk(two.root / "tmp", "1m") as tmp:
        ends(tmp, why)
        done = run(two, *command, TMPDIR=str(tmp))

    assert (1, "") == (done.returncode, done.stdout), done
    assert [
        f"error [file-failed]: {tmp}: can't write temporary files: {why}",
        "  Make room there, or set TMPDIR to another folder that you may write to.",
    ] == done.stderr.splitlines()
    assert (before, there) == (refs(two), files(two))
    assert not (two.root / "other").exists()


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
@pytest.mark.parametrize("command", NEED_NOTHING.values(), ids=NEED_NOTHING)
def test_what_needs_no_temporary_folder_does_without(
    two: Two, command: tuple[str, ...], why: str
) -> None:
    """Nor does it need a home or a cache."""
    # Checks of a service's access need both.
    for folder in ("services", "access"):
        shutil.rmtree(two.root / "platform" / folder)
    with disk(two.root / "tmp", "1m") as tmp:
        ends(tmp, why)
        place = str(tmp)
        done = run(two, *command, TMPDIR=place, HOME=place, XDG_CACHE_HOME=place)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
def test_the_bot_without_a_temporary_folder(two: Two, why: str) -> None:
    """Of each service it says so, as it builds releases there; its next pass does what is left."""
    with disk(two.root / "tmp", "1m") as tmp:
        ends(tmp, why)
        failed = run(two, "bot", "run", "--once", TMPDIR=str(tmp))
        goes_on(tmp, why)
        done = run(two, "bot", "run", "--once", TMPDIR=str(tmp))

    assert 1 == failed.returncode
    assert 2 == failed.stdout.count(f"{tmp}: can't write temporary files: {why}"), failed.stdout
    assert 0 == done.returncode, done.stdout


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
def test_home_and_cache_take_nothing(two: Two, why: str) -> None:
    """An upgrade on a local forge keeps nothing there."""
    with disk(two.root / "home", "1m") as home:
        ends(home, why)
        done = run(two, *UPGRADE, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))

    assert 0 == done.returncode, done.stderr
    assert "8 merge requests opened" in done.stdout


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for temporary files whose name leaves room for a socket's, as pytest's may not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_a_killed_run_leaves_nothing_that_the_next_one_does_not_clear(
    two: Two, short: Path
) -> None:
    """Of its workers and their programs neither: all of it lies in the run's own folder."""
    tmp = short
    env = {**os.environ, "TMPDIR": str(tmp)}
    command = [sys.executable, "-m", "scaffold", "upgrade", "--all", "--jobs", "2"]
    with subprocess.Popen(
        command, cwd=two.root / "platform", env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as killed:  # fmt: skip
        assert killed.stderr
        killed.stderr.readline()  # the first repo is done
        killed.kill()
    ours = tmp / f"scaffold-{os.getuid()}"
    assert [ours] == list(tmp.iterdir())
    assert 2 == len(list(ours.iterdir()))  # a folder and its lock

    done = run(two, *UPGRADE, TMPDIR=str(tmp))

    assert 0 == done.returncode, done.stderr
    assert [ours] == list(tmp.iterdir())
    assert [] == list(ours.iterdir())


def test_tmpdir_has_too_long_a_name(two: Two) -> None:
    """A socket's name has few bytes; Python alone says `AF_UNIX path too long`."""
    long = two.root / ("x" * 100)
    long.mkdir()
    done = run(two, *UPGRADE, TMPDIR=str(long))

    assert 1 == done.returncode
    first, hint = done.stderr.splitlines()
    assert first.startswith(f"error [file-failed]: {long}/scaffold-{os.getuid()}/run-")
    assert first.endswith("is too long a name of a folder for temporary files: a socket's may have"
                          " 103 bytes")  # fmt: skip
    assert "  Set TMPDIR to a folder with a shorter name." == hint


# --- The forge ------------------------------------------------------------------------


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
@pytest.mark.parametrize("command", NEED_FORGE.values(), ids=NEED_FORGE)
def test_the_forge_takes_nothing(two: Two, command: tuple[str, ...], why: str) -> None:
    """It says so, all refs are as before, and the command does its work once there is room."""
    if command[0] == "promote":
        assert 0 == run(two, "bot", "run", "--once").returncode
    with disk(two.root / "forge") as forge:
        before = refs(two)
        ends(forge, why)
        failed = run(two, *command)
        said = (failed.stdout + failed.stderr).splitlines()

        assert 1 == failed.returncode, said
        told = [number for number, line in enumerate(said) if line.endswith(f": {why}")]
        assert told, said
        assert all(str(forge) in said[number] for number in told), said
        assert {said[number + 1].strip() for number in told} <= set(HINTS), said
        assert "unexpected" not in " ".join(said)
        assert before == refs(two)
        goes_on(forge, why)
        done = run(two, *command)

        assert 0 == done.returncode, done
        assert before != refs(two)


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
def test_init_where_nothing_can_be_written(tmp_path: Path, why: str) -> None:
    """No part of a platform is left there."""
    with disk(tmp_path / "disk", "1m") as folder:
        ends(folder, why)
        before = list(folder.iterdir())
        done = scaffold("init", str(folder / "acme"), "--defaults", cwd=tmp_path)

        assert (1, "") == (done.returncode, done.stdout)
        first, hint = done.stderr.splitlines()
        assert f"-failed]: {folder}" in first  # file or forge, by what could not be written
        assert first.endswith(f": {why}")
        assert hint.strip() in HINTS
        assert before == [path for path in folder.iterdir() if path != folder / "acme"]
        assert [] == list((folder / "acme").glob("*"))


@pytest.mark.parametrize("why", [NO_ROOM, READ_ONLY])
def test_a_page_can_not_be_written(two: Two, why: str) -> None:
    """It is no wrong use of the command."""
    with disk(two.root / "pages", "1m") as pages:
        ends(pages, why)
        page = pages / "page.html"
        done = run(two, "blueprint", "preview", "../blueprint", "--html", str(page))

    assert 1 == done.returncode
    assert done.stderr.splitlines()[-2] == f"error [file-failed]: {page}: can't write: {why}"
    assert done.stderr.splitlines()[-1].strip() in HINTS


# --- Standard output ------------------------------------------------------------------


@pytest.fixture
def full() -> Iterator[int]:
    """A file that takes nothing."""
    file = os.open("/dev/full", os.O_WRONLY)
    yield file
    os.close(file)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="not on this machine: no /dev/full")
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("status", "--output", "json"),
        ("upgrade", "--all", "--dry-run", "--diff", "--jobs", "1"),
        ("upgrade", "--all", "--output", "json", "--jobs", "1"),
        ("bot", "run", "--once"),
        ("--help",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_what_is_printed_can_not_be_written(
    two: Two, full: int, command: tuple[str, ...], unbuffered: str
) -> None:
    """A result that nobody can read is a failure, told once, and no status of Python's own."""
    done = subprocess.run(
        [sys.executable, "-m", "scaffold", *command], cwd=two.root / "platform", stdout=full,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, text=True,
        check=False,
    )  # fmt: skip

    assert 1 == done.returncode
    assert [
        f"error [file-failed]: standard output: can't write: {NO_ROOM}",
        "  Make room there, then run this again.",
    ] == done.stderr.splitlines()[-2:]
    assert "Exception ignored" not in done.stderr
