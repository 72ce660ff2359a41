"""`scaffold pipeline`: the words of its commands."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scaffold.cli.main import app
from scaffold.errors import DeployError
from tests.pipeline.kube import Kube
from tests.pipeline.trees import EnvRepo, claim, config_map


def call(*arguments: str) -> Result:
    """Run one command."""
    return CliRunner().invoke(app, ["pipeline", *arguments])


@pytest.mark.usefixtures("kube")
def test_a_deploy_says_what_it_did(env_repo: EnvRepo) -> None:
    """One line an object, then one with the counts."""
    env_repo.write(config_map("settings"), claim("files"))
    command = ("deploy", "--environment", "dev", "--path", str(env_repo.path))
    call(*command)
    env_repo.write(config_map("settings"))

    done = call(*command)

    space, why = env_repo.namespace, "it holds data; `--delete-data` would delete it"
    assert [
        f"unchanged ConfigMap {space}/settings",
        f"kept      PersistentVolumeClaim {space}/files: {why}",
        f"shop in dev (namespace {space}): 1 unchanged, 1 kept",
    ] == done.output.splitlines()


def test_a_dry_run_says_that_it_is_one(kube: Kube, env_repo: EnvRepo) -> None:
    """Nobody may take what would be done for what was done."""
    env_repo.write(config_map("settings"))

    done = call("deploy", "--environment", "dev", "--path", str(env_repo.path), "--dry-run")

    assert "nothing was changed: a dry run" in done.output
    assert set() == kube.names("configmap", env_repo.namespace)


def test_a_check_compares_the_cluster_with_git(kube: Kube, env_repo: EnvRepo) -> None:
    """It names the fields that somebody changed by hand, changes nothing, and fails."""
    command = ("deploy", "--environment", "dev", "--path", str(env_repo.path))
    space = env_repo.namespace
    env_repo.write(config_map("settings", "from git"), config_map("other"))
    call(*command)
    assert (0, f"shop in dev (namespace {space}): the cluster is as git says") == ended(
        call(*command, "--check")
    )
    patch = '{"data": {"text": "by hand"}}'
    kube.kubectl("patch", "configmap", "settings", f"--namespace={space}", "--patch", patch)
    kube.kubectl("delete", "configmap", "other", f"--namespace={space}")

    done = call(*command, "--check")

    assert (1, f"shop in dev (namespace {space}): the cluster is not as git says") == ended(done)
    assert [
        f"applied   ConfigMap {space}/other: it was not there",
        f"applied   ConfigMap {space}/settings: data.text: by hand -> from git",
    ] == sorted(done.output.splitlines()[:2])
    assert {"settings"} == kube.names("configmap", space) - {"scaffold-inventory-shop"}


def ended(done: Result) -> tuple[int, str]:
    """The exit code and the last line of a command."""
    return done.exit_code, done.output.splitlines()[-1]


@pytest.mark.usefixtures("kube")
def test_an_error_is_raised_through(env_repo: EnvRepo) -> None:
    """The top-level handler prints it, so the command must not."""
    done = call("deploy", "--environment", "dev", "--path", str(env_repo.path))

    assert isinstance(done.exception, DeployError)
    assert "" == done.output


def test_an_environment_is_needed(tmp_path: Path) -> None:
    """A deploy to whatever environment comes first would be a trap."""
    done = call("deploy", "--path", str(tmp_path))

    assert 2 == done.exit_code
    assert "Missing option '--environment'" in done.output
