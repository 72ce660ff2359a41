"""What kustomize can't build is not promoted; the real kustomize says so."""

from pathlib import Path

import pytest

from scaffold.chain.promote import PromotionPlan, plan_promotion, promote
from scaffold.errors import CheckFailedError
from tests.builders import commit_files
from tests.chain.world import Texts, World

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {size: small}\n"
GOOD: Texts = {"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": CONFIG}
OVERLAY = "environments/staging/kustomization.yaml"
# What a person pushed to the env repo, and what kustomize says.
BROKEN: dict[str, tuple[Texts, str]] = {
    "a file that is not there": ({OVERLAY: "resources: [release, b.yaml]\n"}, "b.yaml"),
    "no yaml": ({OVERLAY: "<<<<<<< yours\na: 1\n"}, "kustomization.yaml"),
    "no overlay": ({OVERLAY: None}, "unable to find"),
    "a patch of nothing": (
        {OVERLAY: "resources: [release]\npatches: [{path: no.yaml}]\n"}, "no.yaml",
    ),
}  # fmt: skip


@pytest.fixture
def settled(real_kustomize: None, world: World) -> World:  # noqa: ARG001 - sets the PATH
    """A world in which dev has a release that can be built."""
    world.commit("manifest", GOOD)
    world.settle()
    return world


def plan(world: World, environment: str = "staging") -> PromotionPlan | None:
    """What a promotion would do."""
    return plan_promotion(world.chain(), environment, world.judge(), world.context())


@pytest.mark.parametrize(("files", "said"), BROKEN.values(), ids=BROKEN)
def test_it_is_refused(settled: World, files: Texts, said: str) -> None:
    """With kustomize's own words and where to fix it, and nothing is pushed."""
    settled.commit("env", files)
    settled.settle()
    before = settled.head("env")

    with pytest.raises(CheckFailedError) as caught:
        plan(settled)

    error = caught.value
    assert ("shop-env", "kustomize can't build what staging would get") == (error.where, error.what)
    assert said in "\n".join(error.details)
    assert "Mend it in manifest or below environments/staging." in error.hint
    assert before == settled.head("env")


def test_no_merge_request_proposes_it_either(settled: World) -> None:
    """Where main takes no push, nobody is asked to merge what can't be built."""
    settled.commit("env", BROKEN["a patch of nothing"][0])
    settled.settle()
    settled.refuse_pushes("env")

    with pytest.raises(CheckFailedError):
        plan(settled)

    assert () == settled.forge.merge_requests("shop-env")


def test_it_is_the_way_out_of_a_broken_release(settled: World) -> None:
    """What runs now can't be built: shown as that, and no reason to keep it."""
    patch = "  - target: {kind: ConfigMap}\n    patch: '- {op: remove, path: /data/old}'\n"
    settled.commit("env", {OVERLAY: f"resources: [release]\npatches:\n{patch}"})
    settled.commit("env", settled.release_of("staging", settled.head("manifest")))
    large = CONFIG.replace("small", "large, old: one")
    good = settled.commit("manifest", {"base/a.yaml": large})
    settled.settle()

    planned = plan(settled)

    assert planned is not None
    assert planned.before.startswith("# kustomize can't build it\n")
    assert "size: large" in planned.after
    assert promote(planned, settled.context()) is None
    assert good == settled.pin("staging")


def test_an_overlay_that_broke_meanwhile(settled: World) -> None:
    """What is pushed is what was built, also when somebody pushed in between."""
    planned = plan(settled)
    assert planned is not None
    theirs = settled.commit("env", BROKEN["a patch of nothing"][0])

    with pytest.raises(CheckFailedError):
        promote(planned, settled.context())

    assert theirs == settled.head("env")


def test_another_services_manifests_are_not_shown(settled: World, tmp_path: Path) -> None:
    """The preview of a promotion is built with the rights of whoever promotes."""
    secret = tmp_path / "secret"
    text = CONFIG.replace("settings", "of-somebody-else")
    commit = commit_files(secret, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": text})
    overlay = f"resources: [release, 'file://{secret}//?ref={commit}']\n"
    settled.commit("env", {"environments/staging/kustomization.yaml": overlay})

    with pytest.raises(CheckFailedError) as caught:
        plan(settled)

    (told, *_) = caught.value.details
    assert told.startswith("environments/staging/kustomization.yaml: names `file://")
    assert "of-somebody-else" not in "\n".join(caught.value.details)
