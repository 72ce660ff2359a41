"""`scaffold promote`, run as a user runs it, with the real kustomize."""

from pathlib import Path

import pytest

from tests.builders import need_programs
from tests.chain.world import World
from tests.cli.test_chain import make_platform, run, told
from tests.service.run import scaffold

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {size: small}\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two services, and the platform repo with a checkout; dev of shop has a release to show."""
    need_programs(monkeypatch, "kustomize")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    world = make_platform(tmp_path)
    base = {"kustomization.yaml": "resources: [config.yaml]\n", "config.yaml": CONFIG}
    world.commit("manifest", {f"base/{name}": text for name, text in base.items()})
    world.settle()
    return world


def test_promote_shows_what_changes(world: World) -> None:
    """The manifests before and after, as a diff; then it does it."""
    trial = run(world, "promote", "shop", "--to", "staging", "--dry-run").stdout
    assert world.pin("staging") is None
    done = run(world, "promote", "shop", "--to", "staging").stdout

    assert "--- staging now\n+++ staging then\n" in trial
    assert "+  size: small\n" in trial
    assert trial.endswith("Nothing was changed: a dry run.\n")
    assert world.pin("dev") == world.pin("staging")
    assert done.endswith(f"staging has {(world.pin('dev') or '')[:12]} now.\n")
    again = run(world, "promote", "shop", "--to", "staging").stdout
    assert "staging has it already.\n" == again


def test_promote_refuses_an_unknown_environment(world: World) -> None:
    """It names those that there are."""
    said = run(world, "promote", "shop", "--to", "moon", status=2).stderr

    assert "there is no environment `moon`\n  There are: dev, staging, prod." in said


def test_promote_on_a_main_that_takes_no_push(world: World) -> None:
    """A merge request, whose address is told."""
    world.refuse_pushes("env")
    document = told(world, "promote", "shop", "--to", "staging")

    assert document["merge_request"].endswith("shop-env.git refs/scaffold/mr/1")
    assert (None, world.pin("dev")) == (document["old"], document["new"])


def test_promote_refuses_what_can_not_be_built(world: World) -> None:
    """Whatever else is asked for: exit status 1, why, and main is left as it is."""
    world.commit("manifest", {"base/kustomization.yaml": "resources: [nowhere.yaml]\n"})
    world.settle()
    before = world.head("env")

    for options in ([], ["--dry-run"], ["--quiet"], ["--output", "json"]):
        done = scaffold("promote", "shop", "--to", "staging", *options, cwd=world.root)
        assert (1, "") == (done.returncode, done.stdout)
        assert "[check-failed]: shop-env: kustomize can't build what staging" in done.stderr
        assert "nowhere.yaml" in done.stderr
    assert before == world.head("env")
