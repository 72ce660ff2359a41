"""The edges of a chain: data, as blueprint.yml and platform.yml have it."""

import pytest

from scaffold.chain.edges import edges
from scaffold.config.blueprint import Blueprint
from scaffold.errors import ConfigError
from tests.chain.world import World

FOUR = {
    "code": {"name": "c"},
    "docker": {"name": "d", "follows": "code", "pin": "upstream"},
    "manifest": {"name": "m", "follows": "docker", "pin": "image"},
    "env": {"name": "e", "follows": "manifest", "pin": "release"},
}

PLACES = ("dev", "staging", "prod")


def places(repos: dict[str, dict[str, str]], world: World) -> list[tuple[str, str, str]]:
    """Up, down and place of each edge."""
    blueprint = Blueprint.model_validate(
        {"name": "b", "summary": "b", "kubernetes": "1.34", "repos": repos}
    )
    return [(one.up, one.down, one.place) for one in edges(blueprint, world.platform)]


def test_each_pin_comes_after_those_that_it_depends_on(world: World) -> None:
    """Whatever the order in blueprint.yml."""
    expected = [
        ("code", "docker", "docker"),
        ("docker", "manifest", "manifest"),
        ("manifest", "env", "dev"),
        ("manifest", "env", "staging"),
        ("manifest", "env", "prod"),
    ]
    backwards = dict(reversed(FOUR.items()))

    assert expected == places(FOUR, world)
    assert expected == places(backwards, world)


def test_two_repos_are_a_chain(world: World) -> None:
    """A blueprint without environments has one pin."""
    two = {name: FOUR[name] for name in ("code", "docker")}

    assert [("code", "docker", "docker")] == places(two, world)


def test_base_and_environments_may_be_one_repo(world: World) -> None:
    """Code and Dockerfile in one repo; the other has the base, and releases its own commits."""
    two = {
        "app": {"name": "a"},
        "deploy": {"name": "d", "follows": "app", "pin": "image-and-release"},
    }
    releases = [("deploy", "deploy", place) for place in PLACES]

    assert [("app", "deploy", "deploy"), *releases] == places(two, world)


def test_two_repos_may_follow_one(world: World) -> None:
    """A worker's image beside the server's."""
    found = places({**FOUR, "worker": {**FOUR["docker"], "name": "w"}}, world)

    assert {("code", "docker", "docker"), ("code", "worker", "worker")} < set(found)


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("docker", "upstream.yml"),
        ("manifest", "image/kustomization.yaml"),
        ("staging", "environments/staging/release/release.yml"),
    ],
)
def test_where_a_pin_is(world: World, place: str, path: str) -> None:
    """One machine-owned file each."""
    assert path == world.edge(place).path


@pytest.mark.parametrize("place", ["docker", "manifest"])
@pytest.mark.parametrize("commit", ["1234567890" * 4, "12e34567" + "0" * 32, "0" * 40])
def test_an_id_that_looks_like_a_number_stays_a_string(
    world: World, place: str, commit: str
) -> None:
    """Written quoted, it is read back as it was; unquoted it is refused, never guessed at."""
    edge = world.edge(place)
    old = world.pin(place) or ""
    text = world.text(*world.where(place)).replace(old, commit).replace(old[:12], commit[:12])
    pin = edge.read(text)

    assert commit == (pin and pin.commit)
    if commit.isdigit():
        with pytest.raises(ConfigError, match="not a quoted commit id"):
            edge.read(text.replace(f'"{commit}"', commit))


@pytest.mark.parametrize("place", ["docker", "manifest", "dev"])
@pytest.mark.parametrize(
    "text",
    ["", "[]", "- a", "a", "a: {", "code: 1", "code: {commit: 1}", "code: {url: x}", "\t",
     "metadata: x", "metadata: [1]", "metadata: {annotations: x}", "metadata: {annotations: [x]}",
     "resources: [a]", "resources: 1\nmetadata: {annotations: {scaffold/commit: 1}}",
     "<<<<<<< a\n=======\n>>>>>>> b"],
)  # fmt: skip
def test_a_malformed_pin_says_so(world: World, place: str, text: str) -> None:
    """As an error that names the file."""
    edge = world.edge(place)
    with pytest.raises(ConfigError) as caught:
        edge.read(text)

    assert edge.path == caught.value.where.partition(":")[0]


def test_mentions_that_disagree_are_malformed(world: World) -> None:
    """Somebody who goes back by editing what is in use alone is told, and not overwritten."""
    edge, old = world.edge("manifest"), world.pin("manifest") or ""
    head, _, visible = world.text(*world.where("manifest")).rpartition("scaffold/commit")
    annotation, _, visible = visible.partition("\n")
    mine = visible.replace(old, "1" * 40).replace(old[:12], "1" * 12)

    with pytest.raises(ConfigError, match=f"its annotations name {old[:12]}") as caught:
        edge.read(f"{head}scaffold/commit{annotation}\n{mine}")
    assert edge.path == caught.value.where.partition(":")[0]
