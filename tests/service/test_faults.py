"""`scaffold new service` while the machine fails: the whole service, or nothing of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.builders import git
from tests.service.run import (
    ALL_FOUR,
    clone,
    heads,
    release_blueprint,
    scaffold,
    service_repos,
    unfinish,
)

NEW = ("new", "service", "payments", "--defaults")


def registered(workspace: Path) -> bool:
    """Whether the platform's main has the service."""
    files = git("ls-tree", "--name-only", "main", "services/", cwd=workspace / "forge/platform.git")
    return "services/payments.yml" in files.splitlines()


@pytest.mark.parametrize("repos_before_the_kill", [1, 2, 3, 4])
def test_a_killed_run_is_finished_by_the_next(workspace: Path, repos_before_the_kill: int) -> None:
    """Kill -9 after any number of repos, run it again: all four are there and registered."""
    command = [sys.executable, "-m", "scaffold", *NEW]
    with subprocess.Popen(command, cwd=workspace, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len(service_repos(workspace)) < repos_before_the_kill:
            assert time.monotonic() < deadline
            if process.poll() is not None:
                break
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)

    again = scaffold(*NEW, cwd=workspace)

    assert (ALL_FOUR, True) == (service_repos(workspace), registered(workspace)), again.stderr
    assert again.returncode == 0 or "name-taken" in again.stderr


def test_a_finished_run_keeps_what_was_made(workspace: Path) -> None:
    """The repos that were there keep their commits, and the set fits together."""
    scaffold(*NEW, "--data", "port=9000", cwd=workspace)
    before = heads(workspace)
    unfinish(workspace, keep=["payments-code", "payments-docker"])

    again = scaffold(*NEW, cwd=workspace)

    after = heads(workspace)
    assert "Finished an earlier run, which had made payments-code, payments-docker." in again.stdout
    assert before["payments-docker"] == after["payments-docker"]
    answers = yaml.safe_load((clone(workspace, "payments-env") / ".copier-answers.yml").read_text())
    assert 9000 == answers["port"]


def test_a_run_is_finished_at_the_version_it_began_with(with_payments: Path) -> None:
    """A release that came between is no reason for a service of two versions."""
    unfinish(with_payments, keep=["payments-code"])
    release_blueprint(with_payments, "v1.1.0", "manifest/README.md.jinja", "# Newer\n")

    scaffold(*NEW, cwd=with_payments)

    answers = clone(with_payments, "payments-manifest") / ".copier-answers.yml"
    assert "v1.0.0" == yaml.safe_load(answers.read_text())["_commit"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--data", "port=9000", "port: it was 8080, it is 9000"),
        ("--blueprint", "python-service@v1.1.0", "a run that did not finish began with"),
    ],
)
def test_a_run_is_not_finished_as_something_else(
    workspace: Path, option: str, value: str, said: str
) -> None:
    """Other answers or another version than the run began with are refused, not ignored."""
    release_blueprint(workspace, "v1.1.0", "manifest/README.md.jinja", "# Newer\n")
    scaffold(*NEW, "--blueprint", "python-service@v1.0.0", cwd=workspace)
    unfinish(workspace, keep=["payments-code"])

    again = scaffold(*NEW, option, value, cwd=workspace)

    assert (2, ["payments-code"]) == (again.returncode, service_repos(workspace))
    assert said in again.stderr
    assert "To begin anew, delete what it left on the forge: payments-code." in again.stderr


def test_a_repo_of_somebody_else_is_left_alone(with_payments: Path) -> None:
    """A repo of that name without the service's trailer stops the run before anything is made."""
    unfinish(with_payments, keep=["payments-code"])
    folder = clone(with_payments, "payments-code")
    git("commit", "-q", "--allow-empty", "-m", "Somebody works here", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
    before = heads(with_payments)

    refused = scaffold(*NEW, cwd=with_payments)

    assert (1, before) == (refused.returncode, heads(with_payments))
    assert "has a repo `payments-code` that scaffold did not make" in refused.stderr


def test_a_failure_half_way_is_rolled_back(workspace: Path) -> None:
    """Where the third repo can't be made, the first two are taken back."""
    (workspace / "forge/payments-manifest.git").write_text("in the way")

    failed = scaffold(*NEW, cwd=workspace)

    assert 1 == failed.returncode
    assert "can't create the repo `payments-manifest`" in failed.stderr
    assert (["payments-manifest"], False) == (service_repos(workspace), registered(workspace))


def test_two_at_once_make_one_service(workspace: Path) -> None:
    """One wins, the other says why not, and the four repos are of one of them."""
    command = [sys.executable, "-m", "scaffold", *NEW]
    runs = [
        subprocess.Popen(
            [*command, "--data", f"port={port}"],
            cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for port in (9001, 9002)
    ]  # fmt: skip
    said = [run.communicate()[1] for run in runs]

    assert [0, 1] == sorted(run.returncode for run in runs), said
    assert (ALL_FOUR, True) == (service_repos(workspace), registered(workspace))
    ports = {
        yaml.safe_load((clone(workspace, name) / ".copier-answers.yml").read_text())["port"]
        for name in ALL_FOUR
    }
    assert 1 == len(ports)


def test_two_services_at_once_are_both_registered(workspace: Path) -> None:
    """A push to the platform that lost the race is made again on top of the other."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "scaffold", "new", "service", name, "--defaults"],
            cwd=workspace, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for name in ("payments", "refunds")
    ]  # fmt: skip
    said = [run.communicate()[1] for run in runs]

    assert [0, 0] == [run.returncode for run in runs], said
    files = git("ls-tree", "--name-only", "main", "services/", cwd=workspace / "forge/platform.git")
    assert ["services/payments.yml", "services/refunds.yml"] == files.splitlines()


def test_without_git_nothing_is_made(workspace: Path, tmp_path: Path) -> None:
    """It says what is missing and how to get it."""
    empty = tmp_path / "empty"
    empty.mkdir()

    failed = scaffold(*NEW, cwd=workspace, env={"PATH": str(empty)})

    assert 1 == failed.returncode
    assert failed.stderr.startswith("error [tool-missing]: the program `git` is not installed")


def test_without_an_identity_nothing_is_made(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git can't commit for nobody, and must not make up a name."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    nobody = {"HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    failed = scaffold(*NEW, cwd=workspace, env=nobody)

    assert 1 == failed.returncode
    assert "error [identity-missing]: git does not know who you are" in failed.stderr
    assert "git config --global user.name" in failed.stderr
    assert [] == service_repos(workspace)


def test_on_a_read_only_disk_nothing_is_made(workspace: Path) -> None:
    """The forge's folder takes no write: said plainly, with nothing left behind."""
    for folder in (workspace / "forge", workspace / "forge/.scaffold"):
        folder.chmod(0o555)

    failed = scaffold(*NEW, cwd=workspace, obey_modes=True)

    assert 1 == failed.returncode
    assert failed.stderr.startswith(f"error [forge-failed]: {workspace}/forge: can't write"), (
        failed.stderr
    )
    assert [] == service_repos(workspace)


def test_init_on_a_read_only_disk_leaves_nothing(tmp_path: Path) -> None:
    """The folder is as it was."""
    folder = tmp_path / "acme"
    folder.mkdir(mode=0o555)

    failed = scaffold("init", "acme", "--defaults", cwd=tmp_path, obey_modes=True)

    assert (1, []) == (failed.returncode, list(folder.iterdir())), failed.stderr
    assert "error [file-failed]: acme: can't write: Permission denied\n  " in failed.stderr
