"""The parallel jobs for an upgrade that the docs give, run as GitLab and read as GitHub would."""

import json
import os
from pathlib import Path

import pytest

from scaffold.process import run
from tests.builders import git, need_programs
from tests.e2e.test_generated_ci import outcomes, pipeline, program
from tests.upgrade.fleet import SECOND, FleetOf

__all__ = ["program"]
FOLDER = Path(__file__).parents[2] / "docs/deploy"
SERVICES = ("alpha", "beta", "gamma")


@pytest.mark.usefixtures("program")
def test_eight_gitlab_jobs_share_the_fleet(
    fleet_of: FleetOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each repo gets one merge request, and the last job tells of all of them."""
    need_programs(monkeypatch, "gitlab-ci-local", "rsync")
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)
    file = fleet.platform / ".gitlab-ci.yml"
    file.write_text((FOLDER / "upgrade.gitlab-ci.yml").read_text())
    git("add", ".gitlab-ci.yml", cwd=fleet.platform)
    git("commit", "-q", "-m", "Upgrade by schedule", cwd=fleet.platform)

    done = pipeline(fleet.platform, "--variable", "CI_PIPELINE_SOURCE=schedule")

    assert 0 == done.status, done.last_lines
    assert "    6 merge requests opened" in done.text, done.text
    for service in SERVICES:
        for part in ("code", "docker"):
            assert 1 == len(fleet.requests(f"{service}-{part}"))
    assert 9 == len(outcomes(done, "PASS")), done.text


def test_the_github_workflow_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Actionlint finds nothing, and there are as many shards as each is told of."""
    need_programs(monkeypatch, "actionlint")
    text = (FOLDER / "upgrade.github.yml").read_text()

    done = run(["actionlint", "-no-color", str(FOLDER / "upgrade.github.yml")], env={**os.environ})

    assert (0, "") == (done.status, done.text)
    assert f"matrix: {{shard: {json.dumps(list(range(1, 9)))}}}" in text
    assert '--shard "$SHARD/8"' in text
