"""A release of one manifest line over the benchmark's fleet rebuilds and redeploys nothing else."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.fleet_forge import Fleet, build_fleet
from scaffold.bot.passes import Bot
from scaffold.chain.pins import IMAGE_PATH, UPSTREAM_PATH
from scaffold.fleet.platform import open_platform
from scaffold.git.program import identity
from tests.builders import git, need_programs
from tests.service.run import scaffold


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """Four services with a repo each that its owner edited; a release that changes one line."""
    need_programs(monkeypatch, "kustomize")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    return build_fleet(tmp_path, 4, ["manifest"])


def pins(fleet: Fleet) -> dict[str, str]:
    """The pins of code and docker commits of all services."""
    paths = {"docker": UPSTREAM_PATH, "manifest": IMAGE_PATH}
    return {
        one.name: git("show", f"main:{paths[one.repo]}", cwd=one.folder)
        for one in fleet.repos
        if one.repo in paths
    }


def test_one_manifest_line(fleet: Fleet) -> None:
    """Merge requests in the manifest repos alone; merged, they move no code or docker pin."""
    before = pins(fleet)
    done = scaffold("upgrade", "--all", "--output", "json", "--jobs", "1", cwd=fleet.workspace)
    found = {one["repo"]: one["result"] for one in json.loads(done.stdout)["repos"]}

    assert {
        one.name: "opened" if one.repo == "manifest" else "current-in-content"
        for one in fleet.repos
    } == found, done.stderr
    platform = open_platform(fleet.workspace / "platform")
    for one in fleet.repos:
        requests = platform.forge.merge_requests(one.name)
        assert (one.repo == "manifest") == bool(requests)
        for request in requests:
            platform.forge.merge(one.name, request.number)
    bot = Bot(platform.model, tuple(platform.catalog.services.values()), platform.forge, identity())
    report = bot.run_pass(datetime.now(UTC))

    assert () == report.failures
    assert 4 * ["dev"] == [one.verdict.edge.place for one in report.moved]
    assert before == pins(fleet)


def test_every_release_of_the_benchmarks_can_be_made(tmp_path: Path) -> None:
    """Each line that they change is in the blueprint as it is now, once."""
    fleet = build_fleet(tmp_path, 1)

    assert ["code", "docker", "manifest", "env"] == [one.repo for one in fleet.repos]
