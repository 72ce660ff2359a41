"""The story of a service: what each commit of main in its repos did, from git alone."""

from pathlib import Path

import pytest
import yaml

from scaffold.chain.promote import plan_promotion, promote
from scaffold.config.places import retire_marker
from scaffold.git.tree import Identity
from scaffold.status.adoption import adoption
from scaffold.status.timeline import Happening, timeline
from tests.chain.world import World, make_world

ADA = Identity("Ada", "ada@example.com")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service in dev, whose staging goes by `promote`."""
    environments = [
        {"name": "dev", "promotion": "automatic"},
        {"name": "staging", "after": "dev", "promotion": "merge-request"},
    ]
    return make_world(tmp_path, environments=environments)


def story(world: World, most: int = 100) -> tuple[Happening, ...]:
    """All that happened."""
    return timeline(world.chain(), "local", most)


def new(world: World, before: tuple[Happening, ...]) -> set[tuple[str, str, str, str]]:
    """What happened since, with the commit of the code that came."""
    known = set(before)
    return {
        (one.what.value, one.place, one.code, one.versions)
        for one in story(world)
        if one not in known
    }


def answers(version: str) -> str:
    """An answers file."""
    return yaml.safe_dump({"_commit": version, "_src_path": "file:///b.git", "service": "shop"})


def test_four_repos_are_created(world: World) -> None:
    """By their first commits."""
    assert {("created", part) for part in ("code", "docker", "manifest", "env")} == {
        (one.what.value, one.place) for one in story(world) if one.what == "created"
    }


def test_a_commit_of_a_person(world: World) -> None:
    """With who made it, and its subject."""
    code = world.commit("code", {"app.py": "two\n"}, "Take cards\n", who=ADA)
    (one,) = (one for one in story(world) if one.commit.id == code)
    assert ("commit", "code", "Ada", "Take cards", "") == (
        one.what.value, one.place, one.commit.author, one.commit.subject, one.code
    )  # fmt: skip


def test_a_release_on_its_way(world: World) -> None:
    """Each pin that took the code, up to the first environment."""
    code = world.commit("code", {"app.py": "two\n"})
    before = story(world)
    world.settle()
    assert {
        ("taken", "docker", code, ""),
        ("taken", "manifest", code, ""),
        ("released", "dev", code, ""),
    } == new(world, before)


def test_a_promotion_and_one_that_is_taken_back(world: World) -> None:
    """A revert moves the pin to an older commit, whoever made it."""
    first = world.head("code")
    _promote(world)
    second = world.commit("code", {"app.py": "two\n"})
    world.settle()
    before = story(world)
    _promote(world)
    assert {("promoted", "staging", second, "")} == new(world, before)

    before = story(world)
    world.revert("staging")
    assert {("taken-back", "staging", first, "")} == new(world, before)


def test_an_upgrade(world: World) -> None:
    """Told by the version that the answers file records."""
    world.commit("docker", {".copier-answers.yml": answers("v1.0.0")})
    before = story(world)
    world.commit("docker", {".copier-answers.yml": answers("v1.1.0"), "Dockerfile": "two\n"})
    assert {("upgraded", "docker", "", "v1.0.0 to v1.1.0")} == new(world, before)


def test_a_version_is_adopted_once_all_repos_have_it(world: World) -> None:
    """The first of them says nothing of the service yet."""
    for part in ("code", "docker", "manifest", "env"):
        world.commit(part, {".copier-answers.yml": answers("v1.0.0")})
    world.commit("code", {".copier-answers.yml": answers("v1.1.0")})
    assert ["v1.0.0"] == [one.version for one in adoption(world.chain())]

    for part in ("docker", "manifest", "env"):
        world.commit(part, {".copier-answers.yml": answers("v1.1.0")})
    assert ["v1.0.0", "v1.1.0"] == [one.version for one in adoption(world.chain())]


def test_a_retirement(world: World) -> None:
    """By the marker that it leaves in an environment."""
    before = story(world)
    world.commit("env", {retire_marker("dev"): "# gone\n"})
    assert {("retired", "dev", "", "")} == new(world, before)


def test_a_pin_that_is_malformed(world: World) -> None:
    """It hides nothing else."""
    before = story(world)
    world.commit("docker", {"upstream.yml": "not: a pin\n"})
    assert {("taken", "docker", "", "")} == new(world, before)


def test_the_newest_come_first_and_no_more_than_are_asked_for(world: World) -> None:
    """Of all repos together."""
    world.settle()
    found = story(world, most=3)
    assert 3 == len(found)
    assert sorted(found, key=lambda one: one.commit.when, reverse=True) == list(found)


def _promote(world: World) -> None:
    """Give staging what dev has."""
    plan = plan_promotion(world.chain(), "staging", world.judge(), world.context())
    assert plan is not None
    promote(plan, world.context())
