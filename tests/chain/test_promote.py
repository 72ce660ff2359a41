"""Promote by hand: what would change is shown, holds end, and senseless wishes are refused."""

from typing import Any

import pytest

from scaffold.chain.decide import Why
from scaffold.chain.promote import PromotionPlan, plan_promotion, promote
from scaffold.checks import kustomize
from scaffold.errors import StalePushError, ToolMissingError, UsageError
from scaffold.forge.api import RequestState
from scaffold.git import branches
from tests.chain.world import AUTOMATIC, World


def plan(world: World, environment: str) -> PromotionPlan | None:
    """What a promotion would do."""
    return plan_promotion(world.chain(), environment, world.judge(), world.context())


def do(world: World, environment: str) -> None:
    """Promote to an environment."""
    planned = plan(world, environment)
    assert planned is not None
    assert promote(planned, world.context()) is None


@pytest.fixture(autouse=True)
def _no_kustomize(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one is used where the command is run."""

    def missing(*_: Any, **__: Any) -> str:
        raise ToolMissingError("neither kustomize nor kubectl is installed", hint="Install one.")

    monkeypatch.setattr(kustomize, "build", missing)


def test_it_does_not_wait_for_the_soak(world: World) -> None:
    """That is what it is for."""
    do(world, "staging")

    assert world.pin("dev") == world.pin("staging")
    assert f"Move staging to shop-manifest {(world.pin('dev') or '')[:12]}" == world.log("env")[0]


def test_it_waits_for_no_status_freeze_or_pause(world: World) -> None:
    """A person decided."""
    world.settings = {"propagation": {"require": "status", "freeze": [
        {"from": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    ]}}  # fmt: skip
    world.paused = frozenset({"shop"})
    do(world, "staging")

    assert world.pin("dev") == world.pin("staging")


def test_a_plan_changes_nothing(world: World) -> None:
    """Only `promote` does."""
    before = world.head("env")
    planned = plan(world, "staging")

    assert planned is not None
    assert (None, world.pin("dev")) == (planned.pinned, planned.desired)
    assert before == world.head("env")


def test_without_kustomize_the_pin_is_shown(world: World) -> None:
    """With why nothing was built, in place of a check that did not run."""
    planned = plan(world, "staging")
    assert planned is not None
    assert planned.before.startswith("# neither kustomize nor kubectl is installed\n")
    assert "from: []" in planned.before
    assert f'commit: "{planned.desired}"' in planned.after


def test_it_ends_a_hold(world: World) -> None:
    """What somebody took back is there again, and later stages may have it."""
    world.settings = {"environments": list(AUTOMATIC)}
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    newest = world.pin("dev")
    world.revert("dev")
    world.settle()
    assert (Why.HELD, True) == (world.why("dev"), newest != world.pin("dev"))

    do(world, "dev")
    world.settle()

    assert newest == world.pin("dev") == world.pin("staging")


def test_there_may_be_nothing_to_promote(world: World) -> None:
    """Staging has what dev has."""
    do(world, "staging")

    assert plan(world, "staging") is None


@pytest.mark.parametrize(
    ("environment", "what", "hint"),
    [
        ("moon", "there is no environment `moon`", "There are: dev, staging, prod."),
        ("docker", "there is no environment `docker`", "There are: dev, staging, prod."),
        ("prod", "the environment before `prod` has nothing yet", "Promote to that one first."),
    ],
)
def test_what_is_refused(world: World, environment: str, what: str, hint: str) -> None:
    """As wrong use, with what to do."""
    with pytest.raises(UsageError) as caught:
        plan(world, environment)

    assert (what, hint) == (caught.value.what, caught.value.hint)


def test_going_back_is_refused(world: World) -> None:
    """Dev went back: whoever wants that for staging reverts there."""
    world.settings = {"environments": list(AUTOMATIC)}
    world.commit("code", {"app.py": "two\n"})
    world.settle()
    world.revert("dev")

    with pytest.raises(UsageError, match="newer one") as caught:
        plan(world, "staging")
    assert "revert the commit that changed its release" in caught.value.hint


def test_an_environment_that_is_not_there_yet(world: World) -> None:
    """An upgrade brings it."""
    world.settings = {"environments": [*AUTOMATIC, {"name": "qa", "promotion": "automatic"}]}

    with pytest.raises(UsageError, match="shop-env has no environments/qa/release"):
        plan(world, "qa")


def test_after_a_force_push_upstream_a_person_may_go_on(world: World) -> None:
    """The bot says `diverged` and moves nothing; a person who saw the difference may."""
    first = world.head("manifest")
    world.commit("manifest", {"base/a.yaml": "a\n"})
    world.settle()
    newest = world.commit("manifest", {"base/b.yaml": "b\n"}, on=first)
    assert Why.DIVERGED == world.why("dev")

    do(world, "dev")

    assert newest == world.pin("dev")
    world.settle()


def test_main_that_takes_no_push_gets_a_merge_request(world: World) -> None:
    """The same one that the bot would open, also after somebody closed it."""
    world.refuse_pushes("env")
    for number in (1, 2):
        planned = plan(world, "staging")
        assert planned is not None
        request = promote(planned, world.context())
        assert request is not None
        assert (number, RequestState.OPEN) == (request.number, request.state)
        assert world.pin("dev") == world.pin("staging", commit=request.branch)
        if number == 1:
            world.forge.close_merge_request("shop-env", 1)


def test_a_push_meanwhile_is_no_hindrance(world: World) -> None:
    """Unless it changed the environment."""
    planned = plan(world, "staging")
    world.commit("env", {"README.md": "new\n"})
    assert planned is not None
    promote(planned, world.context())

    assert world.pin("dev") == world.pin("staging")
    assert "Change" == world.log("env")[1]


def test_a_change_of_the_environment_meanwhile_is(
    world: World, pushes: list[tuple[str, str]]
) -> None:
    """What was shown is not what would happen."""
    planned = plan(world, "staging")
    path = world.where("staging")[1]
    world.commit("env", {path: world.text("env", path) + "# mine\n"})
    assert planned is not None

    with pytest.raises(StalePushError):
        promote(planned, world.context())
    assert 1 == len(pushes)


def test_main_that_always_moves_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some attempts."""
    planned = plan(world, "staging")
    assert planned is not None

    def push(*arguments: Any, **keywords: Any) -> None:
        world.commit("env", {"README.md": world.head("env")})
        real(*arguments, **keywords)

    real = branches.push
    monkeypatch.setattr(branches, "push", push)
    with pytest.raises(StalePushError):
        promote(planned, world.context())
