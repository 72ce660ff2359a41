"""What a move waits for: a green status, a soak time, the end of a freeze, a pause."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pygit2.enums import ObjectType

from scaffold.chain.decide import Why
from scaffold.forge.api import StatusState
from scaffold.git.tree import Entry, change_tree
from tests.chain.world import ENVIRONMENTS, World, event, make_world

REQUIRED = {"propagation": {"require": "status"}}
GREEN = StatusState.SUCCESS


@pytest.fixture
def strict(world: World) -> World:
    """A platform on which every commit needs its status; a code commit came."""
    world.settings = dict(REQUIRED)
    world.commit("code", {"app.py": "two\n"})
    return world


def green_to_dev(world: World) -> None:
    """Let CI be content with all that leads to dev."""
    for part, name in (("code", "test"), ("docker", "image"), ("manifest", "validate")):
        world.status(part, world.head(part), name, GREEN)
        world.run()


@pytest.mark.parametrize("state", [None, StatusState.PENDING, StatusState.FAILURE])
def test_a_commit_that_is_not_green_waits(strict: World, state: StatusState | None) -> None:
    """Absent, pending, failed: nothing moves, and the bot names the status."""
    before, code = strict.pin("docker"), strict.head("code")
    if state:
        strict.status("code", code, "test", state)

    found = event(strict.run(), "docker").verdict

    assert (Why.WAITING, before) == (found.why, strict.pin("docker"))
    told = state.value if state else "not there"
    assert f"the status `test` of shop-code {code[:12]} is {told}" == found.detail


def test_a_green_commit_goes(strict: World) -> None:
    """Each repo's own status: of the code, of its image, of the manifests."""
    green_to_dev(strict)

    assert strict.head("code") == strict.pin("docker")
    assert strict.head("docker") == strict.pin("manifest")
    assert strict.head("manifest") == strict.pin("dev")


def test_another_status_does_not_count(strict: World) -> None:
    """A green lint says nothing about the tests."""
    strict.status("code", strict.head("code"), "lint", GREEN)

    assert Why.WAITING == event(strict.run(), "docker").verdict.why


def test_what_is_green_goes_while_what_is_newer_is_not(strict: World) -> None:
    """Who pushes faster than CI is keeps nothing back; what is green is that commit alone."""
    green = strict.head("code")
    strict.status("code", green, "test", GREEN)
    strict.commit("code", {"app.py": "three\n"})
    strict.run()

    assert green == strict.pin("docker")
    assert Why.WAITING == event(strict.run(), "docker").verdict.why


def test_require_none_lets_everything_go(strict: World) -> None:
    """Also what failed."""
    strict.status("code", strict.head("code"), "test", StatusState.FAILURE)
    strict.settings = {"propagation": {"require": "none"}}
    strict.settle()

    assert strict.head("code") == strict.pin("docker")


def test_a_soak_time(world: World) -> None:
    """Not before two hours after dev changed; then at once."""
    world.settings = {"environments": list(ENVIRONMENTS[:2])}
    world.commit("code", {"app.py": "two\n"})
    world.settle()

    found = event(world.run(), "staging").verdict
    assert (Why.SOAKING, None) == (found.why, world.pin("staging"))
    assert found.detail.startswith("until 20")
    world.later(1.9)
    assert Why.SOAKING == event(world.run(), "staging").verdict.why
    world.later(0.2)
    world.settle()
    assert world.pin("dev") == world.pin("staging")


@pytest.mark.parametrize(("seconds", "why"), [(2**62, Why.SOAKING), (-(2**62), Why.MOVE)])
def test_a_commit_of_an_impossible_time(world: World, seconds: int, why: Why) -> None:
    """Git takes any number; one from the far future soaks for ever, and nothing fails."""
    first = {"name": "dev", "promotion": "soak", "soak_hours": 10_000}
    world.settings = {"environments": [first]}
    store, parent = world.repo("manifest"), world.head("manifest")
    tree = change_tree(store, parent, {"base/a.yaml": Entry.file(b"a: 1\n")})
    head = f"tree {tree}\nparent {parent}\nauthor A <a@b> {seconds} +0000\n"
    text = f"{head}committer A <a@b> {seconds} +0000\n\nLater\n"
    made = store.write(ObjectType.COMMIT, text.encode())
    store.references["refs/heads/main"].set_target(made)

    assert why == event(world.run(), "dev").verdict.why


def test_the_soak_of_a_first_environment(world: World) -> None:
    """It has none before it, so the commit itself soaks."""
    first = {"name": "dev", "promotion": "soak", "soak_hours": 2}
    world.settings = {"environments": [first, *ENVIRONMENTS[1:]]}
    world.commit("code", {"app.py": "two\n"})
    world.settle()

    assert Why.SOAKING == world.why("dev")
    world.later(3)
    world.run()
    assert world.head("manifest") == world.pin("dev")


def changed_dev(world: World) -> str:
    """The commit of env that moved dev."""
    green_to_dev(world)
    return world.head("env")


def test_a_smoke_test_of_the_environment_before(strict: World) -> None:
    """Staging waits for `smoke/dev` of the last commit that changed dev."""
    moved = changed_dev(strict)
    strict.later(3)

    found = event(strict.run(), "staging").verdict
    assert Why.WAITING == found.why
    assert f"the status `smoke/dev` of shop-env {moved[:12]} is not there" == found.detail

    strict.status("env", moved, "smoke/dev", GREEN)
    strict.run()
    assert strict.pin("dev") == strict.pin("staging")


def by_engine(world: World, **deploy: Any) -> None:
    """Let an engine deploy dev."""
    dev, *others = ENVIRONMENTS
    world.settings |= {
        "forge": {"kind": "gitlab", "group": "acme"},
        "environments": [{**dev, "deploy": deploy}, *others],
    }


@pytest.mark.parametrize("engine", ["flux", "argocd"])
@pytest.mark.parametrize(
    ("smoke", "other", "counts"),
    [(True, "deploy/dev", "smoke/dev"), (False, "smoke/dev", "deploy/dev")],
)
def test_what_an_engine_has_deployed(
    strict: World, engine: str, smoke: bool, other: str, counts: str
) -> None:
    """The smoke test that follows it counts, or its own word where no pipeline may ask there."""
    by_engine(strict, engine=engine, smoke=smoke)
    moved = changed_dev(strict)
    strict.status("env", moved, other, GREEN)
    strict.later(3)

    found = event(strict.run(), "staging").verdict
    assert f"the status `{counts}` of shop-env {moved[:12]} is not there" == found.detail

    strict.status("env", moved, counts, GREEN)
    strict.run()
    assert strict.pin("dev") == strict.pin("staging")


def test_a_red_smoke_stops_a_promotion_where_an_engine_deploys(strict: World) -> None:
    """However content the engine is; it is told as red, and a green one lets it go on."""
    by_engine(strict, engine="flux")
    moved = changed_dev(strict)
    strict.status("env", moved, "deploy/dev", GREEN)
    strict.status("env", moved, "smoke/dev", StatusState.FAILURE)
    strict.later(3)

    report = strict.run()
    found = event(report, "staging").verdict
    assert (Why.WAITING, None) == (found.why, strict.pin("staging"))
    assert f"the status `smoke/dev` of shop-env {moved[:12]} is failure" == found.detail
    assert ["smoke/dev"] == [one.name for one in report.statuses if one.is_red]

    strict.status("env", moved, "smoke/dev", GREEN)
    strict.run()
    assert strict.pin("dev") == strict.pin("staging")


def test_a_smoke_test_from_before_the_change_does_not_count(strict: World) -> None:
    """It was of what ran then, and that goes on alone."""
    first = strict.pin("dev")
    strict.status("env", strict.head("env"), "smoke/dev", GREEN)
    changed_dev(strict)
    strict.later(3)
    strict.run()

    assert first == strict.pin("staging")
    assert Why.WAITING == event(strict.run(), "staging").verdict.why


def test_a_smoke_test_of_the_last_commit_of_the_push_counts(strict: World) -> None:
    """CI runs once a push, at its last commit: there dev is as the change left it."""
    changed_dev(strict)
    last = strict.commit("env", {"README.md": "new\n"})
    strict.status("env", last, "smoke/dev", GREEN)
    strict.later(3)
    strict.run()

    assert strict.pin("dev") == strict.pin("staging")


def test_a_failed_smoke_test_that_comes_later_counts(strict: World) -> None:
    """The newest word about what is there."""
    strict.status("env", changed_dev(strict), "smoke/dev", GREEN)
    last = strict.commit("env", {"README.md": "new\n"})
    strict.status("env", last, "smoke/dev", StatusState.FAILURE)
    strict.later(3)

    assert Why.WAITING == event(strict.run(), "staging").verdict.why


def test_a_merge_request_waits_for_a_green_status_too(strict: World) -> None:
    """What fails in staging is not proposed for prod."""
    strict.status("env", changed_dev(strict), "smoke/dev", GREEN)
    strict.later(3)
    strict.run()

    assert Why.WAITING == event(strict.run(), "prod").verdict.why
    assert () == strict.forge.merge_requests("shop-env")
    strict.status("env", strict.head("env"), "smoke/staging", GREEN)
    assert Why.REQUEST == event(strict.run(), "prod").verdict.why


def freeze(world: World, start: float, end: float, **more: Any) -> None:
    """Freeze from so many hours from now until so many."""
    times = {
        key: (world.now + timedelta(hours=hours)).isoformat()
        for key, hours in (("from", start), ("until", end))
    }
    propagation = {"require": "none", "freeze": [{**times, **more}]}
    world.settings = {**world.settings, "propagation": propagation}


@pytest.mark.parametrize(
    ("start", "end", "frozen"),
    [(-1, 1, True), (0, 1, True), (-2, -1, False), (-1, 0, False), (1, 2, False)],
)
def test_a_freeze(world: World, start: float, end: float, frozen: bool) -> None:
    """From its begin until just before its end nothing moves, anywhere."""
    before = world.pin("docker")
    world.commit("code", {"app.py": "two\n"})
    freeze(world, start, end, reason="the shop is full")

    found = event(world.run(), "docker").verdict

    assert frozen == (before == world.pin("docker")) == (Why.FROZEN is found.why)
    assert "the shop is full" == found.detail or not frozen


def test_a_freeze_says_until_when(world: World) -> None:
    """Where no reason is given."""
    world.commit("code", {"app.py": "two\n"})
    freeze(world, -1, 1)

    until = (world.now + timedelta(hours=1)).isoformat()
    assert f"until {until}" == event(world.run(), "docker").verdict.detail


def test_a_freeze_of_one_environment(world: World) -> None:
    """The others go on, and so do the repos before it."""
    world.commit("code", {"app.py": "two\n"})
    freeze(world, -1, 9, environments=["staging"])
    world.later(3)
    report = world.settle()

    assert world.head("manifest") == world.pin("dev")
    assert (Why.FROZEN, None) == (event(report, "staging").verdict.why, world.pin("staging"))


def test_a_freeze_of_an_environment_that_is_named_as_a_repo(tmp_path: Path) -> None:
    """Environments are meant, and no repo is."""
    world = make_world(tmp_path, environments=[{"name": "docker", "promotion": "automatic"}])
    world.commit("code", {"app.py": "two\n"})
    before = world.text("env", "environments/docker/release/release.yml")
    freeze(world, -1, 1, environments=["docker"])
    world.settle()

    assert world.head("code") == world.pin("docker")
    assert before == world.text("env", "environments/docker/release/release.yml")


def test_a_paused_service(world: World) -> None:
    """It is left alone, and goes on when the pause is over."""
    before = world.pin("docker")
    world.commit("code", {"app.py": "two\n"})
    world.paused = frozenset({"shop"})

    found = event(world.run(), "docker").verdict
    assert (Why.PAUSED, before) == (found.why, world.pin("docker"))
    world.paused = frozenset()
    world.settle()
    assert world.head("code") == world.pin("docker")
