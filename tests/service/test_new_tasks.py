"""Tasks of a blueprint in `scaffold new`: run where they are trusted, told where they are not."""

import pytest

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import FIRST, QUESTIONS, Fleet, FleetOf

TASKS = "_tasks: ['echo {{ service }} $HOME_TOKEN > made.txt']\n"


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """A platform without services, whose blueprint has a task."""
    fleet = fleet_of()
    fleet.release("v1.1.0", {**FIRST, "copier.yml": QUESTIONS + TASKS})
    return fleet


def made(fleet: Fleet, repo: str) -> list[str]:
    """The files of a repo's main."""
    return git("ls-tree", "-r", "--name-only", "main", cwd=fleet.bare(repo)).split()


def test_untrusted_tasks_are_told(fleet: Fleet) -> None:
    """Each with its command, and how to have it run; nothing runs."""
    done = scaffold("new", "service", "carts", "--defaults", cwd=fleet.root)

    assert 0 == done.returncode, done.stderr
    assert (
        "not run  carts-code: a task of the blueprint, which is code:"
        " echo carts $HOME_TOKEN > made.txt\n"
    ) in done.stdout
    assert "To run tasks: give --trust, or name the blueprint in platform.yml" in done.stdout
    assert "made.txt" not in made(fleet, "carts-code")


@pytest.mark.parametrize("how", ["option", "platform"])
def test_trusted_tasks_run_on_each_repo(
    fleet: Fleet, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As copier runs them, without the caller's environment; the next upgrade finds no change."""
    monkeypatch.setenv("HOME_TOKEN", "secret")
    options = ["--trust"] if how == "option" else []
    if how == "platform":
        fleet.change_platform(trusted=[f"{fleet.root}/small.git"])

    done = scaffold("new", "service", "carts", "--defaults", *options, cwd=fleet.root)

    assert 0 == done.returncode, done.stderr
    assert "not run" not in done.stdout
    for repo in ("carts-code", "carts-docker"):
        assert "made.txt" in made(fleet, repo)
        assert "carts" == fleet.file(repo, "made.txt", "main").strip()
    again = scaffold("upgrade", "carts", *options, cwd=fleet.root)
    assert "2 up to date" in again.stdout
