"""A service that fails stops no other, and the report tells; nothing is left half done."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.chain.decide import Why
from tests.chain.world import World, event, make_world
from tests.git.raw_trees import file, folder, push


@pytest.fixture
def two(tmp_path: Path) -> World:
    """Two services with a code commit each; the first of them is to fail."""
    world = make_world(tmp_path, "cart", "shop")
    for service in world.services:
        world.commit("code", {"app.py": "two\n"}, service=service)
    return world


def malformed(world: World) -> None:
    """Somebody left conflict markers in a pin."""
    world.commit("docker", {"upstream.yml": "<<<<<<< mine\n"}, service="cart")


def unreachable(world: World) -> None:
    """A repo is not there."""
    shutil.rmtree(world.root / "forge/cart-docker.git")


def no_main(world: World) -> None:
    """Somebody deleted main."""
    world.repo("docker", "cart").references.delete("refs/heads/main")


def no_git(world: World) -> None:
    """What is there is no repo."""
    unreachable(world)
    (world.root / "forge/cart-docker.git").mkdir()


def shallow(world: World) -> None:
    """A mirror that lacks what came before."""
    head = world.head("docker", service="cart")
    (world.root / "forge/cart-docker.git/shallow").write_text(f"{head}\n")


def corrupt(world: World) -> None:
    """An object is gone."""
    head = world.head("code", service="cart")
    (world.root / f"forge/cart-code.git/objects/{head[:2]}/{head[2:]}").unlink()


def hostile(world: World) -> None:
    """Somebody pushed a tree that would be written elsewhere."""
    push(world.root / "forge/cart-code.git", folder("..", file("pwned")))


@pytest.mark.parametrize(
    ("harm", "cause", "said"),
    [
        (malformed, "config-invalid", "cart-docker:upstream.yml: is not a mapping"),
        (unreachable, "forge-failed", "there is no repo here"),
        (no_main, "forge-failed", "has no branch `main`"),
        (no_git, "forge-failed", "is no git repo"),
        (shallow, "forge-failed", "is a shallow clone"),
        (corrupt, "forge-failed", ""),
        (hostile, "unsafe-tree", "cart-code.git: has the path '..', which has `..` in it"),
    ],
)
def test_the_others_go_on(two: World, harm: Callable[[World], None], cause: str, said: str) -> None:
    """One failure, of that service; the other's chain walks to dev."""
    harm(two)

    report = two.run()

    assert [("cart", cause)] == [(one.service, one.error.reference) for one in report.failures]
    assert said in str(report.failures[0].error)
    assert two.head("code") == two.pin("docker")
    assert two.head("manifest") == two.pin("dev")


def test_a_service_whose_blueprint_is_unknown(two: World) -> None:
    """Platform.yml has it no more."""
    bot = two.bot()
    old = two.entry("cart").model_copy(update={"blueprint": "old"})
    report = type(bot)(bot.platform, (old, two.entry()), bot.forge, bot.author).run_pass(two.now)

    assert ["cart"] == [one.service for one in report.failures]
    assert "platform.yml has no blueprint `old`" in str(report.failures[0].error)
    assert two.head("code") == two.pin("docker")


def test_a_catalog_entry_without_a_repo(two: World) -> None:
    """What a pin follows is not in the catalog."""
    bot, entry = two.bot(), two.entry("cart")
    repos = {name: one for name, one in entry.repos.items() if name != "code"}
    old = entry.model_copy(update={"repos": repos})
    report = type(bot)(bot.platform, (old, two.entry()), bot.forge, bot.author).run_pass(two.now)

    assert "the catalog has no repo `code` of it" == report.failures[0].error.what


def test_the_repos_after_one_that_failed_wait(world: World) -> None:
    """What they would get is not known."""
    world.commit("code", {"app.py": "two\n"})
    world.commit("manifest", {"image/kustomization.yaml": "broken: [\n"})

    report = world.run()

    assert ["docker"] == [one.verdict.edge.place for one in report.moved]
    assert 1 == len(report.failures)


def test_a_malformed_pin_keeps_no_other_environment_back(world: World) -> None:
    """Prod's is broken; dev and staging get the release."""
    world.commit("env", {world.where("prod")[1]: "broken: [\n"})
    world.commit("code", {"app.py": "two\n"})
    world.later(3)

    reports = [world.run(), world.run()]

    assert world.head("manifest") == world.pin("dev") == world.pin("staging")
    assert [1, 1] == [len(report.failures) for report in reports]
    assert world.where("prod")[1] in str(reports[0].failures[0].error)


def test_a_mended_pin_goes_on(world: World) -> None:
    """What was malformed for a while leaves nothing behind in the history."""
    path = "upstream.yml"
    good = world.text("docker", path)
    world.commit("docker", {path: "<<<<<<< mine\n"})
    assert 1 == len(world.run().failures)
    world.commit("docker", {path: good})
    code = world.commit("code", {"app.py": "two\n"})
    world.settle()

    assert code == world.pin("docker")


def test_a_main_that_comes_back_goes_on(world: World) -> None:
    """Nothing is remembered of the failure."""
    code = world.commit("code", {"app.py": "two\n"})
    head = world.head("docker")
    world.repo("docker").references.delete("refs/heads/main")
    assert 1 == len(world.run().failures)
    world.repo("docker").references.create("refs/heads/main", head)
    world.settle()

    assert code == world.pin("docker")


def test_no_image_without_the_pin_above(world: World) -> None:
    """Docker lost its pin, so what its image would be tagged with is not known."""
    before = world.pin("manifest")
    world.commit("docker", {"upstream.yml": None})

    report = world.run()

    assert Why.ABSENT == event(report, "docker").verdict.why
    assert "has no upstream.yml, so its image has no tag" == report.failures[0].error.what
    assert before == world.pin("manifest")
