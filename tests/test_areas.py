"""What did not run is said, at the end of a run and before it; and signals that others ignore."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.areas import MARKERS

ROOT = Path(__file__).parents[1]
INSTALL = ROOT / "scripts/install-for-tests"
SOME_TESTS = """
import pytest
from tests.areas import NOT_HERE, does_not_run

@pytest.mark.parametrize("number", range(2))
def test_of_an_area(number):
    does_not_run("buildah", "buildah not installed")

@pytest.mark.skipif(True, reason="forgotten")
def test_forgotten():
    pass

def test_no_loopback():
    pytest.skip(NOT_HERE + "loopback is all there is")

@pytest.mark.xfail
def test_expected_to_fail():
    assert False
"""
GROUPS = """
import pytest

@pytest.mark.xdist_group("one_platform")
@pytest.mark.parametrize("number", range(20))
def test_of_a_group(number):
    pass
"""
NEEDED = (
    "buildah", "chromium", "gcc", "openssl", "pg_ctlcluster", "rabbitmq-server", "rsync", "setpriv",
    "skopeo",
)  # fmt: skip


def run_tests(folder: Path, **more: str) -> list[str]:
    """The lines that a run of some tests ends with, from the summary of the areas on."""
    (folder / "test_some.py").write_text(SOME_TESTS)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.areas", "-n", "1", "--color=no"],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT), **more},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    titles = [number for number, line in enumerate(lines) if "areas that did not run" in line]
    assert titles, done.stdout + done.stderr
    return lines[titles[0] + 1 :]


def test_the_end_of_a_run_says_what_did_not_run(tmp_path: Path) -> None:
    """Each reason once, with what to run, right above pytest's closing line."""
    line = "scripts/install-for-tests"

    *said, closing = run_tests(tmp_path)

    assert [
        f"builds of images: buildah not installed; to run them: {line} (2 tests of test_some.py)",
        "forgotten (1 test of test_some.py)",
        "not on this machine: loopback is all there is (1 test of test_some.py)",
    ] == said
    assert "4 skipped, 1 xfailed" in closing


def test_in_ci_nothing_is_skipped_but_what_no_program_would_change(tmp_path: Path) -> None:
    """A green run there has run everything."""
    *said, closing = run_tests(tmp_path, CI="true")

    assert "2 failed, 1 skipped, 1 xfailed, 1 error" in closing
    assert ["not on this machine: loopback is all there is (1 test of test_some.py)"] == [
        line for line in said if not line.startswith(("FAILED", "ERROR"))
    ]


def test_a_group_of_tests_has_one_worker(tmp_path: Path) -> None:
    """Else each worker makes the platform or the server that the group shares."""
    (tmp_path / "test_groups.py").write_text(GROUPS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", "loadgroup", "--color=no"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    workers = [line.split("]")[0] for line in done.stdout.splitlines() if "PASSED" in line]
    assert 20 == len(workers), done.stdout + done.stderr
    assert 1 == len(set(workers))


@pytest.mark.parametrize("where", [one for all_of in MARKERS.values() for one in all_of])
def test_a_marker_is_of_what_there_is(where: str) -> None:
    """A folder or a fixture that is renamed would take its tests to `make test-fast`."""
    fixture = f"def {where}("

    assert (ROOT / "tests" / where).exists() or any(
        fixture in path.read_text() for path in (ROOT / "tests").rglob("*.py")
    )


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that stands for a machine: a user's, with all that is needed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "mktemp", "rm"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    for name in NEEDED:
        put(folder, name)
    put(folder, "id", "echo 1000")
    return folder


def put(machine: Path, name: str, script: str = "") -> None:
    """Put a program on a machine."""
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o755)


def install(machine: Path) -> tuple[str, str]:
    """What the script says there, which never fails; standard output and error."""
    done = subprocess.run(
        [machine / "sh", INSTALL], env={"PATH": str(machine)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr


def test_a_machine_that_has_everything(machine: Path) -> None:
    """Nothing is said, nobody has to be root."""
    assert ("", "") == install(machine)


def test_a_user_is_told_the_line_to_run(machine: Path) -> None:
    """With all that is missing; the tests go on without."""
    for name in ("buildah", "gcc", "rsync"):
        (machine / name).unlink()

    packages = "buildah gcc libc6-dev rsync"
    line = f"apt-get update && apt-get install --yes --no-install-recommends {packages}"
    said = [
        f"warning: some tests need what is not installed: {packages}",
        f"  To install it on Debian or Ubuntu: sudo sh -c '{line}'",
    ]
    output, errors = install(machine)
    assert ("", said) == (output, errors.splitlines())


def test_root_gets_it_by_apt_get(machine: Path) -> None:
    """On a fresh machine, which has no lists of packages yet."""
    put(machine, "id", "echo 0")
    put(machine, "apt-get", f'echo "$@" >>{machine}/said')
    (machine / "rsync").unlink()

    assert ("Installing rsync\n", "") == install(machine)
    assert ["update", "install --yes --no-install-recommends rsync"] == (
        machine / "said"
    ).read_text().splitlines()


def test_what_apt_get_says_is_shown_where_it_fails(machine: Path) -> None:
    """And the line to run again."""
    put(machine, "id", "echo 0")
    put(machine, "apt-get", "echo 'E: no such mirror'; exit 100")
    (machine / "rsync").unlink()

    _, told = install(machine)

    assert told.startswith("E: no such mirror\nwarning: some tests need what is not installed: rs")


_IGNORED = "import os, signal, sys\n" + "".join(
    f"signal.signal(signal.{name}, signal.SIG_IGN)\n" for name in ("SIGHUP", "SIGINT", "SIGQUIT")
)


@pytest.mark.terminal
def test_tests_hear_the_signals_that_their_parent_ignores() -> None:
    """As below nohup, or in the background of a shell."""
    test = "tests/service/test_prompts.py::test_control_c_while_a_platform_is_made"
    pytest_run = f"os.execv(sys.executable, [sys.executable, '-m', 'pytest', '-n', '0', {test!r}])"

    done = subprocess.run(
        [sys.executable, "-c", _IGNORED + pytest_run],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout
