"""A job that is killed, or takes what nobody has: it failed, the rest of the rollout goes on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade.fleet import SECOND, Fleet, FleetOf

SERVICES = ("billing", "orders", "payments")
REPOS = tuple(f"{service}-{repo}" for service in SERVICES for repo in ("code", "docker"))
# Nine lists, each of ten times the one before: a thousand million words, in 400 bytes.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]\n" for number in range(1, 9)
)


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Three services, and a release that all of them can take."""
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)
    return fleet


def report(fleet: Fleet, *words: str) -> dict[str, Any]:
    """What a rollout over two processes reports, where something failed."""
    done = fleet.run("--all", "--jobs", "2", "--output", "json", *words)
    assert 1 == done.returncode, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def results(document: dict[str, Any]) -> dict[str, str]:
    """How each repo ended."""
    return {one["repo"]: one["result"] for one in document["repos"]}


@contextmanager
def push_that_hangs(fleet: Fleet, repo: str) -> Iterator[Path]:
    """Let a push to a repo of the forge wait for ever, once it has told its process in a file."""
    file = fleet.root / "pushing"
    hook = fleet.bare(repo) / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\necho $$ > {file}.made\nmv {file}.made {file}\nexec sleep infinity\n"
    )
    hook.chmod(0o755)
    yield file
    hook.unlink()


def status(process: int) -> tuple[str, int]:
    """The state of a process, `X` for none, and its parent."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
        return words[0], int(words[1])
    return "X", 0


def worker_of(process: int) -> int:
    """The process of the rollout that a program was started by."""
    while "python" not in str(Path(f"/proc/{process}/exe").readlink()):
        _, process = status(process)
    return process


def test_a_worker_that_is_killed(fleet: Fleet, tmp_path: Path) -> None:
    """By the system, say: its service failed, and `--failed` brings that one alone."""
    command = [
        sys.executable, "-m", "scaffold", "upgrade", "--all", "--jobs", "2", "--output", "json"
    ]  # fmt: skip
    with push_that_hangs(fleet, "orders-docker") as file:
        run = subprocess.Popen(command, cwd=fleet.root, stdout=subprocess.PIPE, text=True)
        while not file.exists():
            assert run.poll() is None
            os.sched_yield()
        pushing = int(file.read_text())
        os.kill(worker_of(pushing), signal.SIGKILL)
        said, _ = run.communicate()

    assert 1 == run.returncode
    document = json.loads(said)
    expected = dict.fromkeys(REPOS, "opened") | {"orders-code": "failed", "orders-docker": "failed"}
    assert expected == results(document)
    lost = [one for one in document["repos"] if one["result"] == "failed"]
    assert ["work-lost", "work-lost"] == [one["cause"] for one in lost]
    assert "the process that worked on it was killed (SIGKILL)" in lost[0]["message"]
    assert status(pushing)[0] in "XZ"  # what it had started is gone with it

    (tmp_path / "report.json").write_text(said)
    again = fleet.run("--all", "--failed", str(tmp_path / "report.json"), "--output", "json")
    assert 0 == again.returncode, again.stderr
    assert {"orders-code": "unchanged", "orders-docker": "opened"} == results(
        json.loads(again.stdout)
    )
    for repo in REPOS:
        assert [(1, "open", False, "Upgrade small from v1.0.0 to v1.1.0")] == fleet.requests(repo)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_answers_file_that_is_a_bomb(fleet: Fleet, jobs: str) -> None:
    """Whoever may push to one repo stops no rollout."""
    answers = fleet.file("orders-code", ".copier-answers.yml", "main")
    fleet.edit("orders-code", {".copier-answers.yml": f"{answers}{BOMB}"})

    document = report(fleet, "--jobs", jobs)

    assert dict.fromkeys(REPOS, "opened") | {"orders-code": "failed"} == results(document)
    assert "fault of scaffold" not in json.dumps(document)


def test_a_template_that_is_a_bomb(fleet: Fleet) -> None:
    """Each repo that it is for failed, and each says which file of the template it is."""
    fleet.release("v1.2.0", {**SECOND, "code/NEWS.md.jinja": "one\n{{ 'x' * 5000000000 }}\n"})

    document = report(fleet)

    expected = {repo: "failed" if repo.endswith("code") else "opened" for repo in REPOS}
    assert expected == results(document)
    (message,) = {one["message"] for one in document["repos"] if one["result"] == "failed"}
    place = f"{fleet.root}/small.git@v1.2.0:code/NEWS.md.jinja:2"
    assert f"{place}: can't be rendered: needs more than 1 GiB of memory" in message
