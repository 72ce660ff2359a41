"""`make demo`, whose last lines are to be typed as they are, and `make test`."""

import subprocess
import sys
from pathlib import Path

from tests.docs.reader import make_home

TOP = Path(__file__).parents[2]
DEMO = TOP / "scripts/demo"


def clone_with_demo(folder: Path) -> Path:
    """What of a clone the demo needs: itself, and a program where `make` puts it."""
    make_home(folder)
    (folder / ".venv").mkdir()
    (folder / "bin").rename(folder / ".venv/bin")
    (folder / "scripts").mkdir()
    (folder / "scripts/demo").write_bytes(DEMO.read_bytes())
    return folder


def run_demo(clone: Path) -> str:
    """What it prints, started as make does."""
    path = f"{clone}/.venv/bin:{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "scripts/demo"], cwd=clone, env={"HOME": str(clone), "PATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_the_last_lines_can_be_typed(tmp_path: Path) -> None:
    """In a shell that knows nothing of the clone's programs."""
    clone = clone_with_demo(tmp_path / "clone")
    _, _, told = run_demo(clone).partition("To go on by hand:\n")
    script = told.replace("scaffold new service", "scaffold new service hello --defaults --dry-run")

    done = subprocess.run(
        ["sh", "-ec", script], cwd=clone, stdin=subprocess.DEVNULL,
        env={"HOME": str(clone), "PATH": "/usr/bin:/bin", "GIT_AUTHOR_NAME": "Ada",
             "GIT_AUTHOR_EMAIL": "ada@example.com"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr
    assert "Nothing was created: a dry run." in done.stdout


def test_a_second_demo_says_what_it_removes(tmp_path: Path) -> None:
    """Somebody may have worked in it."""
    clone = clone_with_demo(tmp_path / "clone")
    (clone / ".demo").mkdir()
    (clone / ".demo/mine.txt").write_text("mine\n")

    assert run_demo(clone).startswith(f"Removing {clone}/.demo,")
    assert not (clone / ".demo/mine.txt").exists()


def test_the_tests_come_after_all_that_they_need() -> None:
    """As `make test` would have it on a new machine."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "test"], cwd=TOP,
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    before, _, _ = done.stdout.partition("\npytest ")
    brought = [
        before.index(needed)
        for needed in (
            "install-for-tests", "install-tools", "tools/node", "kube/build", "gitea/build",
            "gitlab-ci-local/install", "github/build",
        )
    ]  # fmt: skip
    assert brought == sorted(brought)


def test_ci_runs_what_a_person_runs() -> None:
    """Nothing is set up for CI alone."""
    commands = [line for line in (TOP / ".ci/run").read_text().splitlines() if line[:1] != "#"]

    assert ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"] == commands
