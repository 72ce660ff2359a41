"""Killed anywhere, run again: the end is that of one clean run. Two at once do no harm."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from scaffold import process
from scaffold.fleet.platform import open_platform
from scaffold.forge.local.requests import MergeRequests
from scaffold.git import branches, program
from scaffold.upgrade.job import Order
from scaffold.upgrade.rollout import roll_out
from scaffold.upgrade.select import catalog_jobs
from tests.upgrade.fleet import SECOND, Fleet, FleetOf, make_fleet

REPOS = ("payments-code", "payments-docker")
CONFLICT = {"README.md": "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"}


class KilledError(BaseException):
    """What a kill is to a program: nothing catches it, nothing is tidied up."""


class Killer:
    """Kills at the n-th step; a step is an outside program or a write to a merge request."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with a chance to be killed before and after it."""

        def wrapped(*arguments: Any, **keywords: Any) -> Any:
            self.step()
            result = function(*arguments, **keywords)
            self.step()
            return result

        return wrapped

    def step(self) -> None:
        """Be killed, if it is time."""
        self.steps += 1
        if self.steps == self.at:
            raise KilledError


def upgrade(fleet: Fleet) -> None:
    """One run in this process."""
    platform = open_platform(fleet.platform)
    order = Order(
        author=program.identity(),
        record_version=True,
        allowed=frozenset(one.url for one in platform.model.blueprints),
        forge=platform.model.forge,
    )
    roll_out(catalog_jobs(platform, ["payments"]), order, jobs=1)


def killed_upgrade(fleet: Fleet, at: int) -> int:
    """One run that is killed at a step; return how many steps it had come to."""
    killer = Killer(at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "run", killer.wrap(process.run))
        patch.setattr(MergeRequests, "_write", killer.wrap(MergeRequests._write))
        with suppress(KilledError):
            upgrade(fleet)
    return killer.steps


def prepared(folder: Path) -> Fleet:
    """A service with an upgrade that is a conflict in one repo and clean in the other."""
    fleet = make_fleet(folder, "payments")
    fleet.edit("payments-code", CONFLICT)
    fleet.release("v1.1.0", SECOND)
    return fleet


def test_killed_at_any_step_and_run_again(tmp_path: Path) -> None:
    """The same branches with the same trees, the same merge requests, each once."""
    fleet = prepared(tmp_path / "acme")
    shutil.copytree(fleet.root, tmp_path / "before", symlinks=True)
    steps = killed_upgrade(fleet, at=0)
    expected = fleet.state(*REPOS)
    assert steps > 10

    for at in range(1, steps + 1):
        shutil.rmtree(fleet.root)
        shutil.copytree(tmp_path / "before", fleet.root, symlinks=True)
        killed_upgrade(fleet, at)
        upgrade(fleet)
        assert (at, expected) == (at, fleet.state(*REPOS))


def test_two_runs_at_once_make_one_merge_request(fleet_of: FleetOf) -> None:
    """Whoever loses a race sees what the other did."""
    fleet = fleet_of("orders", "payments")
    fleet.release("v1.1.0", SECOND)
    command = [sys.executable, "-m", "scaffold", "upgrade", "--all", "--jobs", "1", "--quiet"]
    runs = [
        subprocess.Popen(command, cwd=fleet.root, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [run.communicate()[1] for run in runs]

    assert [0, 0, 0] == [run.returncode for run in runs], said
    for repo in ("orders-code", "orders-docker", *REPOS):
        assert [(1, "open", False, "Upgrade small from v1.0.0 to v1.1.0")] == fleet.requests(repo)


@pytest.mark.parametrize("after", [0.3, 0.6, 0.9, 1.2, 1.5])
def test_kill_9_and_run_again(fleet_of: FleetOf, after: float) -> None:
    """A real kill, at some moment of a run with processes of its own."""
    fleet = fleet_of("orders", "payments")
    fleet.release("v1.1.0", SECOND)
    command = [sys.executable, "-m", "scaffold", "upgrade", "--all", "--jobs", "2", "--quiet"]
    with subprocess.Popen(command, cwd=fleet.root, stderr=subprocess.DEVNULL) as run:
        time.sleep(after)
        run.kill()

    again = fleet.run("--all")

    assert 0 == again.returncode, again.stdout
    for repo in ("orders-code", "orders-docker", *REPOS):
        assert [(1, "open", False, "Upgrade small from v1.0.0 to v1.1.0")] == fleet.requests(repo)


_ALL_AT_WORK = 5  # the main process, two that multiprocessing has, and two workers


def test_kill_9_leaves_no_process_behind(fleet_of: FleetOf) -> None:
    """Those that worked for the one that was killed end, too."""
    fleet = fleet_of("orders", "payments")
    fleet.release("v1.1.0", SECOND)
    command = [sys.executable, "-m", "scaffold", "upgrade", "--all", "--jobs", "2", "--quiet"]
    with subprocess.Popen(command, cwd=fleet.root, stderr=subprocess.DEVNULL) as run:
        while len(running_in(fleet.root)) < _ALL_AT_WORK:
            assert run.poll() is None
            time.sleep(0.01)
        run.kill()

    end = time.monotonic() + 20
    while running_in(fleet.root) and time.monotonic() < end:
        time.sleep(0.1)

    assert [] == running_in(fleet.root)


def running_in(folder: Path) -> list[int]:
    """The processes whose working directory is a folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may have ended
            if (one / "cwd").readlink() == folder:
                found.append(int(one.name))
    return found


def test_a_human_who_pushes_meanwhile_loses_nothing(fleet_of: FleetOf) -> None:
    """The push of a branch that moved since it was read is planned afresh."""
    fleet = fleet_of("payments")
    fleet.release("v1.1.0", SECOND)
    upgrade(fleet)
    fleet.release("v1.2.0", {**SECOND, "code/new.txt": "new\n"})
    pushed: list[str] = []

    def push_after_a_human(*arguments: Any, **keywords: Any) -> None:
        if not pushed:
            pushed.append(
                fleet.edit("payments-code", {"fix.txt": "fix\n"}, branch="scaffold/small")
            )
        real(*arguments, **keywords)

    real = branches.push
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(branches, "push", push_after_a_human)
        upgrade(fleet)

    assert "fix\n" == fleet.file("payments-code", "fix.txt")
