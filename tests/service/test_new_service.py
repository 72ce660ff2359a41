"""`scaffold new service`, run as a user runs it, on the embedded forge."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scaffold.process import find_program
from tests.areas import need
from tests.builders import git
from tests.service.run import ALL_FOUR, clone, heads, refuse_pushes, scaffold, service_repos

NEW = ("new", "service", "payments", "--defaults")


def build(folder: Path) -> list[dict[str, object]]:
    """The objects that an overlay of a plain clone builds to."""
    need("kustomize")
    program = find_program("kustomize")
    assert program
    text = subprocess.run(
        [program, "build", str(folder)], capture_output=True, text=True, check=True
    ).stdout
    return [document for document in yaml.safe_load_all(text) if document]


def test_four_repos_whose_pins_agree(workspace: Path) -> None:
    """Docker pins the head of code, the image is derived from both, dev pins manifest."""
    made = scaffold(*NEW, cwd=workspace)

    assert (0, "") == (made.returncode, made.stderr)
    assert ALL_FOUR == service_repos(workspace)
    built = build(clone(workspace, "payments-env") / "environments" / "dev")
    deployment = yaml.safe_dump([one for one in built if one["kind"] == "Deployment"])
    images = [line.split()[-1] for line in deployment.splitlines() if " image: " in line]
    at = heads(workspace)
    tag = f"{at['payments-code'][:12]}-{at['payments-docker'][:12]}"
    assert [f"registry.example.com/acme/payments:{tag}"] == images


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_where_nothing_was_promoted_nothing_runs(with_payments: Path, environment: str) -> None:
    """The first release reaches the later environments by promotion only; settings are there."""
    built = build(clone(with_payments, "payments-env") / "environments" / environment)

    assert ["ConfigMap"] == [one["kind"] for one in built]


def test_every_check_passes_on_each_clone(with_payments: Path) -> None:
    """What a developer checks out passes `scaffold pipeline validate`, which skips nothing."""
    for name in ("payments-docker", "payments-manifest", "payments-env"):
        checked = scaffold("pipeline", "validate", cwd=clone(with_payments, name))
        assert (name, 0, "") == (name, checked.returncode, checked.stderr)


def test_the_platform_repo_passes_its_checks(with_payments: Path) -> None:
    """The catalog and each access tree are checked as the platform's pipeline does."""
    checked = scaffold("check", "--output", "json", cwd=with_payments / "platform")

    document = json.loads(checked.stdout)
    assert (True, True) == (document["passed"], document["complete"])
    assert "platform/access/prod/payments" in {one["target"] for one in document["checks"]}


def test_the_catalog_has_the_service(with_payments: Path) -> None:
    """The registration is a commit on the platform's main, and the checkout follows it."""
    entry = yaml.safe_load((with_payments / "platform/services/payments.yml").read_text())
    assert ("payments", "platform", "active") == (entry["name"], entry["owner"], entry["state"])


def test_a_clone_is_up_to_date_for_copier(with_payments: Path) -> None:
    """`copier update` works on each repo and changes nothing while nothing newer is there."""
    for name in ALL_FOUR:
        checkout = clone(with_payments, name)
        subprocess.run(
            [sys.executable, "-m", "copier", "update", "--defaults", "--quiet"],
            cwd=checkout, check=True, capture_output=True,
        )  # fmt: skip
        assert (name, "") == (name, git("status", "--porcelain", cwd=checkout))


def test_a_dry_run_creates_nothing(workspace: Path) -> None:
    """It shows the trees only, that of the platform too."""
    shown = scaffold(*NEW, "--dry-run", cwd=workspace)

    assert 0 == shown.returncode
    lines = shown.stdout.splitlines()
    assert {"  upstream.yml", "  services/payments.yml", "  access/prod/payments/roles.yaml"} <= {
        *lines
    }
    assert [] == service_repos(workspace)
    assert "Start the platform" == git("log", "--format=%s", cwd=workspace / "platform")


def test_answers_come_from_a_file(workspace: Path) -> None:
    """A file answers several questions; `--data` has the last word."""
    file = workspace / "answers.yml"
    file.write_text("port: 9000\nsummary: Takes payments\n")

    scaffold(*NEW, "--data-file", str(file), "--data", "port=9001", cwd=workspace)

    answers = yaml.safe_load(
        (clone(workspace, "payments-code") / ".copier-answers.yml").read_text()
    )
    assert (9001, "Takes payments") == (answers["port"], answers["summary"])


def test_a_version_of_the_blueprint_can_be_named(workspace: Path) -> None:
    """NAME@VERSION is recorded as copier records it."""
    scaffold(*NEW, "--blueprint", "python-service@v1.0.0", cwd=workspace)

    answers = yaml.safe_load((clone(workspace, "payments-env") / ".copier-answers.yml").read_text())
    assert "v1.0.0" == answers["_commit"]


def test_the_platform_is_found_from_elsewhere(workspace: Path, tmp_path: Path) -> None:
    """By --platform and by SCAFFOLD_PLATFORM, from any folder."""
    platform = workspace / "platform"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    named = scaffold(*NEW, "--platform", str(platform), cwd=elsewhere)
    listed = scaffold("status", cwd=elsewhere, env={"SCAFFOLD_PLATFORM": str(platform)})

    assert (0, "") == (named.returncode, named.stderr)
    assert "payments  platform  python-service  v1.0.0   active  " in listed.stdout


def test_who_may_not_push_to_the_platform_gets_a_merge_request(workspace: Path) -> None:
    """The repos are there, the registration waits for somebody who may, and status says so."""
    refuse_pushes(workspace, "platform")

    made = scaffold(*NEW, cwd=workspace)

    assert 0 == made.returncode, made.stderr
    assert "Pending: it is registered once this merge request is merged" in made.stdout
    listed = scaffold("status", cwd=workspace)
    assert (
        "payments  -      -          -        pending  -    -        -"
        in listed.stdout.splitlines()
    )


def test_a_pending_name_is_taken(workspace: Path) -> None:
    """Running it again makes no second merge request."""
    refuse_pushes(workspace, "platform")
    scaffold(*NEW, cwd=workspace)

    again = scaffold(*NEW, cwd=workspace)

    assert 1 == again.returncode
    assert "error [name-taken]: the service name `payments` is taken: it waits for" in again.stderr
    refs = git("for-each-ref", "--format=%(refname)", cwd=workspace / "forge/platform.git")
    assert ["refs/scaffold/mr/1"] == [ref for ref in refs.splitlines() if "/mr/" in ref]
