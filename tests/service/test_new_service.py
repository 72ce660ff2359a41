"""`scaffold new service`, run as a user runs it, on the embedded forge."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ALL_FOUR = ["payments-code", "payments-docker", "payments-env", "payments-manifest"]


def scaffold(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "scaffold", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def git(*arguments: str, cwd: Path) -> str:
    """What git prints."""
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def service_repos(workspace: Path) -> list[str]:
    """The names of the service's repos that the forge has."""
    return sorted(path.stem for path in (workspace / "forge").glob("payments*.git"))


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh platform."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    made = scaffold("init", "acme", "--defaults", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "acme"


def test_four_repos_whose_pins_agree(workspace: Path) -> None:
    """Docker pins the head of code, the image is derived from both, dev pins manifest."""
    made = scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    assert (0, "") == (made.returncode, made.stderr)
    assert ALL_FOUR == service_repos(workspace)
    heads = {
        name: git("rev-parse", "main", cwd=workspace / "forge" / f"{name}.git") for name in ALL_FOUR
    }
    checkout = workspace / "checkout"
    git("clone", "-q", f"file://{workspace}/forge/payments-env.git", str(checkout), cwd=workspace)
    program = shutil.which("kustomize")
    if program is None:
        pytest.skip("kustomize is not installed, so what env builds to was not looked at")
    built = subprocess.run(
        [program, "build", str(checkout / "environments" / "dev")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    images = [
        container["image"]
        for document in yaml.safe_load_all(built)
        if document["kind"] == "Deployment"
        for container in document["spec"]["template"]["spec"]["containers"]
    ]
    tag = f"{heads['payments-code'][:12]}-{heads['payments-docker'][:12]}"
    assert [f"registry.example.com/acme/payments:{tag}"] == images


def test_the_catalog_has_the_service(workspace: Path) -> None:
    """The registration is a commit on the platform's main, and the checkout follows it."""
    scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    entry = yaml.safe_load((workspace / "platform/services/payments.yml").read_text())
    assert ("payments", "platform", "active") == (entry["name"], entry["owner"], entry["state"])


def test_a_clone_is_up_to_date_for_copier(workspace: Path) -> None:
    """`copier update` works on each repo and changes nothing while nothing newer is there."""
    scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    for name in ALL_FOUR:
        checkout = workspace / name
        git("clone", "-q", f"file://{workspace}/forge/{name}.git", str(checkout), cwd=workspace)
        subprocess.run(
            [sys.executable, "-m", "copier", "update", "--defaults", "--quiet"],
            cwd=checkout, check=True, capture_output=True,
        )  # fmt: skip
        assert (name, "") == (name, git("status", "--porcelain", cwd=checkout))


def test_a_dry_run_creates_nothing(workspace: Path) -> None:
    """It shows the trees only."""
    shown = scaffold("new", "service", "payments", "--defaults", "--dry-run", cwd=workspace)

    assert 0 == shown.returncode
    assert "  upstream.yml" in shown.stdout.splitlines()
    assert [] == service_repos(workspace)


def test_a_taken_name_is_refused(workspace: Path) -> None:
    """A second service of the same name is an error that changes nothing."""
    scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    again = scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    assert 1 == again.returncode
    assert again.stderr.startswith("error [name-taken]: the service name `payments` is taken")


@pytest.mark.parametrize("name", ["../x", "Payments", "1st", "platform", "a" * 41])
def test_a_bad_name_is_refused(workspace: Path, name: str) -> None:
    """A name that can't be a service's is wrong use, and nothing is created."""
    refused = scaffold("new", "service", name, "--defaults", cwd=workspace)

    assert 2 == refused.returncode
    assert f"the service name `{name}`" in refused.stderr


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("prot=9000", "Did you mean `port`?"),
        ("port=80", "the answer to `port` is not valid"),
        ("port=many", "the answer to `port` is not valid"),
        ("owner=nobody", "there is no team `nobody`"),
    ],
)
def test_a_bad_answer_is_refused(workspace: Path, data: str, said: str) -> None:
    """It names the question and what to do, and nothing is created."""
    refused = scaffold("new", "service", "payments", "--defaults", "--data", data, cwd=workspace)

    assert 2 == refused.returncode
    assert said in refused.stderr
    assert [] == service_repos(workspace)


def test_who_may_not_push_to_the_platform_gets_a_merge_request(workspace: Path) -> None:
    """The repos are there, and the registration waits for somebody who may."""
    hook = workspace / "forge/platform.git/hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n')
    hook.chmod(0o755)

    made = scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    assert 0 == made.returncode, made.stderr
    assert "Pending: it is registered once this merge request is merged" in made.stdout
    refs = git("for-each-ref", "--format=%(refname)", cwd=workspace / "forge/platform.git")
    assert "refs/scaffold/mr/1" in refs.splitlines()


@pytest.mark.parametrize("repos_before_the_kill", [1, 2, 3, 4])
def test_a_killed_run_is_finished_by_the_next(workspace: Path, repos_before_the_kill: int) -> None:
    """Kill -9 after any number of repos, run it again: all four are there and registered."""
    command = [sys.executable, "-m", "scaffold", "new", "service", "payments", "--defaults"]
    with subprocess.Popen(command, cwd=workspace, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len(service_repos(workspace)) < repos_before_the_kill:
            assert time.monotonic() < deadline
            if process.poll() is not None:
                break
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)

    again = scaffold("new", "service", "payments", "--defaults", cwd=workspace)

    registered = (workspace / "platform/services/payments.yml").exists()
    assert (ALL_FOUR, True) == (service_repos(workspace), registered), again.stderr
    assert again.returncode == 0 or "name-taken" in again.stderr
