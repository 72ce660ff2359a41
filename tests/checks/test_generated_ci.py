"""CI and Renovate in the shipped blueprints' repos, whoever deploys: what these systems take."""

import os
import re
from pathlib import Path

import pytest
from copier import run_copy

from scaffold.checks.files import (
    check_actions,
    check_dockerfile,
    check_github_workflow,
    check_gitlab_ci,
)
from scaffold.checks.registry import Subject
from scaffold.checks.report import Outcome, Result
from scaffold.process import run
from tests.checks.test_files import Check

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
REPOS = (
    ("go-service", "docker"), ("go-service", "env"), ("python-service", "env"),
    ("worker", "app"), ("worker", "deploy"),
)  # fmt: skip
RENOVATE = "renovate.json"
WORKFLOW = ".github/workflows/ci.yml"
LINTERS: dict[str, tuple[str, tuple[Check, ...]]] = {
    "gitlab": (".gitlab-ci.yml", (check_gitlab_ci,)),
    "github": (WORKFLOW, (check_github_workflow, check_actions)),
}
FLUX: dict[str, object] = {"engine": "flux"}
ARGOCD: dict[str, object] = {"engine": "argocd"}
NOT_TO_BE_ASKED = {**ARGOCD, "smoke": False}
# What is answered beside it, so that both ways to sign are among the pipelines of images.
SIGNED_BY = {"pipelines and engines": "key", "engines that no pipeline may follow": "keyless"}
DEPLOYS: dict[str, tuple[dict[str, object], ...]] = {
    "pipelines and engines": (FLUX, {}, ARGOCD, NOT_TO_BE_ASKED, {}),
    "engines that no pipeline may follow": (NOT_TO_BE_ASKED, NOT_TO_BE_ASKED),
}


@pytest.mark.parametrize("deploys", DEPLOYS)
@pytest.mark.parametrize("ci", LINTERS)
@pytest.mark.parametrize(("blueprint", "repo"), REPOS)
def test_a_ci_system_takes_it(
    tmp_path: Path, blueprint: str, repo: str, ci: str, deploys: str
) -> None:
    """Each linter of that system is content with it."""
    place = {"namespace": "pay", "context": "", "replicas": {"min": 1, "max": 2}}
    environments = [
        {"name": f"e{number}", **place, **by} for number, by in enumerate(DEPLOYS[deploys])
    ]
    run_copy(
        str(BLUEPRINTS / blueprint), tmp_path, defaults=True, quiet=True,
        data={
            "service": "pay", "owner": "team-a", "repo": repo, "ci": ci,
            "environments": environments, "supply_chain": SIGNED_BY[deploys],
            "ci_image": f"registry.example.com/ci:1@sha256:{'ab' * 32}",
        },
    )  # fmt: skip
    file, linters = LINTERS[ci]

    results = [one for linter in linters for one in linter(Subject(tmp_path, "env", "1.34"), file)]

    assert [Outcome.PASSED] * len(linters) == [one.outcome for one in results], results
    if ci == "github":
        done = run(["zizmor", "--offline", "--quiet", str(tmp_path)], env={**os.environ})
        assert 0 == done.status, done.text
    assert [] == _checked_with_digest(tmp_path / "Dockerfile")
    renovate = ["check-jsonschema", "--builtin-schema", "vendor.renovate", str(tmp_path / RENOVATE)]
    done = run(renovate, env={**os.environ})
    assert 0 == done.status, done.text


def _checked_with_digest(dockerfile: Path) -> list[Result]:
    """What is wrong with a Dockerfile whose base Renovate has pinned: its digest behind the tag."""
    if not dockerfile.exists():
        return []
    base = re.compile(r"^(ARG [A-Z]+_IMAGE=\S+:\S+)$", re.MULTILINE)
    pinned, times = base.subn(rf"\1@sha256:{'ab' * 32}", dockerfile.read_text())
    dockerfile.write_text(pinned)
    assert 1 == times
    found = check_dockerfile(Subject(dockerfile.parent, "docker", "1.34"), dockerfile.name)
    return [one for one in found if one.outcome is not Outcome.PASSED]
