"""An image is deployed by its digest, where the registry tells it; skopeo is the real one."""

import pytest
import yaml

from scaffold.chain.pins import image_tag, read_image, read_image_reference
from scaffold.chain.release import read_release
from scaffold.config.places import IMAGE_PATH, release_folder
from tests.chain.test_promote_builds import GOOD
from tests.chain.test_rendering import BOTH
from tests.chain.world import AUTOMATIC, World
from tests.pipeline.registry import Registry


def build_another(world: World, registry: Registry) -> str:
    """Have an image that is yet to be released; `name:tag`, as the registry has it."""
    world.settings = {"registry": f"{registry.address}/acme", "environments": list(AUTOMATIC)}
    world.commit("manifest", {**GOOD, **BOTH})
    docker = world.commit("docker", {"Dockerfile": "FROM y\n"})
    return f"{registry.address}/acme/shop:{image_tag(world.head('code'), docker)}"


@pytest.mark.usefixtures("real_kustomize")
def test_what_the_registry_tells_is_pinned_and_released(world: World, registry: Registry) -> None:
    """In the manifest repo's pin, and from there in each environment, as it was first told."""
    image = build_another(world, registry)
    name, _, tag = image.removeprefix(f"{registry.address}/").rpartition(":")
    digest = registry.add_image(name, tag)
    world.settle()

    pin = world.text("manifest", IMAGE_PATH)
    assert (f"{image}@{digest}", world.head("docker")) == (
        read_image_reference(pin), read_image(pin).commit
    )  # fmt: skip
    for place in ("dev", "staging"):
        release = read_release(world.text(*world.where(place)), source=place)
        assert release is not None
        assert f"{image}@{digest}" == release.image
        deployment = yaml.safe_load(world.below(release_folder(place))["deployment-shop.yaml"])
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert f"{image}@{digest}" == container["image"]


def test_an_image_that_the_registry_has_not_is_pinned_by_its_tag(
    world: World, registry: Registry
) -> None:
    """It is that of these commits all the same; nothing waits for the digest."""
    image = build_another(world, registry)
    world.settle()

    assert image == read_image_reference(world.text("manifest", IMAGE_PATH))


def test_a_registry_that_is_away_holds_nothing_up(world: World, registry: Registry) -> None:
    """As one that has not got the image."""
    image = build_another(world, registry)
    registry.server_close()
    world.settle()

    assert image == read_image_reference(world.text("manifest", IMAGE_PATH))
