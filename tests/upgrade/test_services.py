"""Upgrades of services of the shipped blueprint: environments, checks, merge requests by hand."""

import json
from pathlib import Path

import pytest
import yaml

from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import git, need_programs
from tests.service.run import refuse_pushes, release_blueprint, scaffold
from tests.upgrade.fleet import Fleet


@pytest.fixture
def fleet(with_payments: Path) -> Fleet:
    """One service of the shipped blueprint, whose version is recorded in every repo."""
    fleet = Fleet(with_payments)
    fleet.change_platform(record_versions=True)
    return fleet


def test_a_new_environment_reaches_the_env_repo(fleet: Fleet) -> None:
    """With an overlay by the blueprint and an empty pin by scaffold; it builds to nothing."""
    file = fleet.platform / "platform.yml"
    settings = yaml.safe_load(file.read_text())
    settings["environments"].insert(1, {"name": "test", "after": "dev", "promotion": "automatic"})
    settings["environments"][2]["after"] = "test"
    fleet.change_platform(environments=settings["environments"])

    done = fleet.run("payments")

    assert 0 == done.returncode, done.stdout + done.stderr
    pin = fleet.file(
        "payments-env", "environments/test/release/kustomization.yaml", "scaffold/python-service"
    )
    assert [] == yaml.safe_load(pin)["resources"]
    assert "name: test" in fleet.file(
        "payments-env", ".copier-answers.yml", "scaffold/python-service"
    )


def test_a_pin_is_never_touched(fleet: Fleet) -> None:
    """The pins are the machine's: templates do not render them, upgrades do not change them."""
    path = "blueprints/python-service/env/README.md.jinja"
    text = (Path(__file__).parents[2] / path).read_text()
    release_blueprint(fleet.root, "v1.1.0", "env/README.md.jinja", text + "\nMore.\n")
    folder = "environments/dev/release"
    before = git("rev-parse", f"main:{folder}", cwd=fleet.bare("payments-env"))

    fleet.run("payments")

    after = git("rev-parse", f"scaffold/python-service:{folder}", cwd=fleet.bare("payments-env"))
    assert before == after


def test_an_upgrade_that_breaks_manifests_is_not_pushed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Valid before, invalid after: it fails, says so, and the other repos go on."""
    need_programs(monkeypatch, "kubeconform")
    path = "manifest/base/service-account.yaml.jinja"
    text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: payments}\nsecretz: []\n"
    release_blueprint(fleet.root, "v1.1.0", path, text)

    done = fleet.run("payments")

    assert 1 == done.returncode
    assert "check-failed: 1 failed" in done.stdout
    assert "'secretz' not allowed" in done.stdout
    branches = git("branch", "--list", "scaffold/*", cwd=fleet.bare("payments-manifest"))
    assert ("", 1) == (branches, len(fleet.requests("payments-code")))


def test_merge_requests_of_the_local_forge(fleet: Fleet) -> None:
    """Listed, merged and closed by commands, since there is no server with pages."""
    release_blueprint(fleet.root, "v1.1.0", "docker/README.md.jinja", "# Newer\n")
    fleet.run("payments")

    listed = scaffold("merge-request", "list", "payments-docker", cwd=fleet.root)
    merged = scaffold("merge-request", "merge", "payments-docker", "1", cwd=fleet.root)
    closed = scaffold("merge-request", "close", "payments-code", "1", cwd=fleet.root)
    again = scaffold("merge-request", "close", "payments-code", "1", cwd=fleet.root)

    row = "1       open   scaffold/python-service  Upgrade python-service from v1.0.0 to v1.1.0"
    assert row in listed.stdout.splitlines()
    assert ("Merged payments-docker 1.\n", "Closed payments-code 1.\n") == (
        merged.stdout,
        closed.stdout,
    )
    assert (1, True) == (again.returncode, "is closed already" in again.stderr)
    assert "# Newer\n" == fleet.file("payments-docker", "README.md", "main")


def test_a_merged_registration_is_not_pending(tmp_path: Path) -> None:
    """However its branch came into main, and whatever became of the service since."""
    scaffold("init", "acme", "--defaults", cwd=tmp_path)
    root = tmp_path / "acme"
    refuse_pushes(root, "platform")
    scaffold("new", "service", "payments", "--defaults", cwd=root)
    (root / "forge/platform.git/hooks/update").unlink()
    git("pull", "-q", "--no-rebase", "origin", "scaffold/register-payments", cwd=root / "platform")
    git("push", "-q", "origin", "main", cwd=root / "platform")

    listed = scaffold("status", cwd=root)

    assert "payments  platform  python-service  v1.0.0   active  " in listed.stdout


def test_an_archived_repo_is_told_and_the_others_go_on(fleet: Fleet) -> None:
    """Nothing can be pushed to it, which is said before anything is tried."""
    release_blueprint(fleet.root, "v1.1.0", "code/new.md", "New.\n")
    LocalFolderForge(str(fleet.root / "forge")).archive("payments-code", archived=True)

    done = fleet.run("payments", "--output", "json")

    told = {one["repo"]: one for one in json.loads(done.stdout)["repos"]}
    assert (1, "failed", "opened") == (
        done.returncode, told["payments-code"]["result"], told["payments-docker"]["result"],
    )  # fmt: skip
    assert "is archived, so nothing can be pushed to it" in told["payments-code"]["message"]
