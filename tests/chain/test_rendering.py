"""Releases that the real kustomize renders, that are copied onwards, and that nobody may edit."""

import pytest

from scaffold.chain.decide import Why
from scaffold.chain.promote import plan_promotion, promote
from scaffold.chain.release import Release, read_release
from scaffold.chain.rendering import release_changes
from scaffold.config.places import release_folder
from scaffold.errors import ConfigError
from tests.builders import only_programs
from tests.chain.test_promote_builds import CONFIG, GOOD
from tests.chain.world import AUTOMATIC, World, event

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {containers: [{name: app, image: app, args: ["12e3", "on"]}]}}}
"""
LARGE = CONFIG.replace("small", "large")
BOTH = {"base/kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "base/b.yaml": DEPLOYMENT}


@pytest.fixture
def released(real_kustomize: None, world: World) -> World:  # noqa: ARG001 - sets the PATH
    """Dev and staging have a release of two objects."""
    world.settings = {"environments": list(AUTOMATIC)}
    world.commit("manifest", {**GOOD, **BOTH})
    world.settle()
    return world


def release(world: World, place: str) -> Release | None:
    """What is released in an environment."""
    return read_release(world.text(*world.where(place)), source=place)


def test_the_objects_are_in_the_env_repo(released: World) -> None:
    """With the image in its place, and strings that stay strings."""
    files = released.below(release_folder("dev"))

    assert {
        "configmap-settings.yaml", "deployment-shop.yaml", "kustomization.yaml", "release.yml",
    } == files.keys()  # fmt: skip
    text = files["deployment-shop.yaml"].decode()
    tag = f"{released.head('code')[:12]}-{released.head('docker')[:12]}"
    assert f"image: shop:{tag}\n" in text
    assert '- "12e3"\n        - "on"\n' in text


def test_the_pin_tells_every_commit_on_the_way(released: World) -> None:
    """Nearest first, and the image."""
    found = release(released, "dev")

    assert found is not None
    assert [
        (part, released.url(f"shop-{part}"), released.head(part))
        for part in ("manifest", "docker", "code")
    ] == [(one.repo, one.url, one.commit) for one in found.sources]
    assert found.image.startswith("shop:")
    assert found.renderer.startswith("kustomize v")


def test_the_next_stage_gets_a_copy(released: World) -> None:
    """What staging runs is what dev ran, byte for byte."""
    assert released.below(release_folder("dev")) == released.below(release_folder("staging"))


def test_what_was_tried_is_copied_whatever_came_since(released: World) -> None:
    """What dev had is found in its history."""
    tried = released.below(release_folder("dev"))
    pinned = released.pin("dev") or ""
    released.commit("env", released.as_at("staging", "main~1"))
    released.commit("manifest", {"base/kustomization.yaml": "resources: [b.yaml]\n"})
    released.run()
    chain = released.chain()
    assert pinned != released.pin("dev")

    changes = release_changes(chain, released.edge("staging"), pinned, released.head("env"))

    folder = release_folder("staging")
    assert tried == {
        path.removeprefix(f"{folder}/"): entry.data for path, entry in changes.items() if entry
    }


def test_an_object_that_is_gone_is_gone_from_the_release(released: World) -> None:
    """Its file goes with it, in every stage."""
    released.commit("manifest", {"base/kustomization.yaml": "resources: [b.yaml]\n"})
    released.settle()

    for place in ("dev", "staging"):
        assert "configmap-settings.yaml" not in released.below(release_folder(place))


@pytest.mark.parametrize("place", ["dev", "staging"])
def test_an_edit_by_hand_is_told_and_kept(released: World, place: str) -> None:
    """Nobody's work is overwritten in silence, and what was not tried is copied nowhere."""
    path = f"{release_folder(place)}/deployment-shop.yaml"
    mine = released.text("env", path) + "# mine\n"
    released.commit("env", {path: mine})
    released.commit("manifest", {"base/a.yaml": LARGE})

    report = released.run() if place == "dev" else (released.run(), released.run())[1]

    (failure,) = report.failures
    assert isinstance(failure.error, ConfigError)
    assert f"shop-env:{release_folder(place)}" == failure.error.where
    assert ("deployment-shop.yaml was edited",) == tuple(failure.error.details)
    assert mine == released.text("env", path)


def test_no_promotion_copies_an_edit(released: World) -> None:
    """Whoever promotes by hand is told, too."""
    released.commit("manifest", {"base/a.yaml": LARGE})
    released.run()
    path = f"{release_folder('dev')}/deployment-shop.yaml"
    released.commit("env", {path: "kind: mine\n"})

    with pytest.raises(ConfigError, match="was edited by hand"):
        plan_promotion(released.chain(), "staging", released.judge(), released.context())


def test_what_can_not_be_rendered_moves_nothing_and_keeps_nothing_else_back(
    released: World,
) -> None:
    """Dev stays as it is, staging gets what dev has."""
    released.commit("manifest", {"base/a.yaml": LARGE})
    released.run()
    good = released.pin("dev")
    released.commit("manifest", {"base/a.yaml": "a: 1\n"})

    report = released.run()

    (failure,) = report.failures
    assert failure.error is not None
    assert "kustomize can't build its base" == failure.error.what
    assert (
        f"{released.url('shop-manifest')}@{released.head('manifest')[:12]}" == failure.error.where
    )
    assert "missing Resource metadata" in "\n".join(failure.error.details)
    assert good == released.pin("dev") == released.pin("staging")


def test_without_kustomize_the_bot_says_so(
    released: World, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And how to get it; nothing moves."""
    released.commit("manifest", {"base/a.yaml": LARGE})
    only_programs(monkeypatch, tmp_path_factory.mktemp("programs") / "bin", "git")

    (failure,) = released.run().failures

    assert failure.error is not None
    assert "neither kustomize nor kubectl is installed" == failure.error.what
    assert "go install" in failure.error.hint


@pytest.mark.usefixtures("real_kustomize")
def test_a_promotion_by_hand_is_the_same_copy(world: World) -> None:
    """To an environment that the bot would have let wait."""
    world.commit("manifest", {**GOOD, **BOTH})
    world.settle()
    assert Why.SOAKING == event(world.run(), "staging").verdict.why
    planned = plan_promotion(world.chain(), "staging", world.judge(), world.context())
    assert planned is not None
    promote(planned, world.context())

    assert world.below(release_folder("dev")) == world.below(release_folder("staging"))
