"""An open merge request that has nothing to it any more is closed by the bot, with the reason."""

import pygit2
import pytest

from scaffold.chain.decide import Why
from scaffold.chain.promote import plan_promotion, promote
from scaffold.chain.release import empty_release
from scaffold.checks import kustomize
from scaffold.config.places import retire_marker
from scaffold.forge.api import MergeRequest, RequestState
from scaffold.forge.local.adapter import LocalFolderForge
from tests.chain.test_proposals import BRANCH, TWO, branch_pin, released, states
from tests.chain.world import ENVIRONMENTS, World, event


@pytest.fixture
def proposed(world: World) -> World:
    """Prod has the first release, dev the second, and a merge request for prod is open."""
    world.settings = {"environments": [ENVIRONMENTS[0], *TWO]}
    world.settle()
    world.forge.merge("shop-env", 1)
    released(world, "two\n")
    assert [RequestState.MERGED, RequestState.OPEN] == states(world)
    return world


def last(world: World, part: str = "env") -> MergeRequest:
    """The newest merge request."""
    return world.forge.merge_requests(f"shop-{part}")[-1]


def withdrawn(world: World, place: str, why: str, part: str = "env") -> None:
    """The next pass closes the merge request and tells; the ones after it change nothing."""
    target = world.pin(place, commit=f"scaffold/promote-{place}")
    found = event(world.run(), place)

    request = last(world, part)
    assert found.request is not None
    assert (Why.WITHDRAWN, why, request.url, RequestState.CLOSED) == (
        found.verdict.why, found.verdict.detail, found.request.url, found.request.state
    )  # fmt: skip
    assert RequestState.CLOSED is request.state
    assert f"\nClosed by the bot: {why}.\n" in request.body
    assert f"<!-- scaffold-target: {target} -->" in request.body
    store = world.repo(part)
    before = str(store.references[f"refs/scaffold/mr/{request.number}"].target)
    for _ in range(3):
        report = world.run()
        assert ((), ()) == (report.moved, report.failures)
        assert Why.WITHDRAWN not in {one.verdict.why for one in report.events}
    assert before == str(store.references[f"refs/scaffold/mr/{request.number}"].target)


def test_a_person_promoted_by_hand(proposed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `scaffold promote`, while the merge request waited."""
    monkeypatch.setattr(kustomize, "build", lambda *_, **__: "")
    proposed.commit("env", {"README.md": "new\n"})  # or both would make the very same commit
    planned = plan_promotion(proposed.chain(), "prod", proposed.judge(), proposed.context())
    assert planned is not None
    assert promote(planned, proposed.context()) is None

    withdrawn(proposed, "prod", "prod has it already")


def test_a_branch_that_main_has_though_the_forge_has_not_seen_it(proposed: World) -> None:
    """A bot was killed after its push to the branch, and a person made the very same commit."""
    here = proposed.commit("env", proposed.as_at("prod", BRANCH))
    store = proposed.repo("env")
    store.references[f"refs/heads/{BRANCH}"].set_target(pygit2.Oid(hex=here))
    assert RequestState.OPEN is last(proposed).state

    verdict = event(proposed.run(), "prod").verdict

    assert (Why.WITHDRAWN, "prod has it already") == (verdict.why, verdict.detail)
    assert RequestState.OPEN is not last(proposed).state
    assert f"refs/heads/{BRANCH}" not in store.references
    assert ((), ()) == (proposed.run().moved, proposed.run().failures)


def test_the_branch_of_a_merged_one_is_deleted(proposed: World) -> None:
    """So that no later pass has to ask the forge about it."""
    proposed.forge.merge("shop-env", 2)
    proposed.settle()

    assert f"refs/heads/{BRANCH}" not in proposed.repo("env").references
    assert [RequestState.MERGED, RequestState.MERGED] == states(proposed)


def test_a_person_moved_the_pin(proposed: World) -> None:
    """By a commit of their own, with the same file."""
    proposed.commit("env", proposed.as_at("prod", BRANCH))

    withdrawn(proposed, "prod", "prod has it already")


def test_a_person_moved_the_pin_further(proposed: World) -> None:
    """To what dev had not yet."""
    newest = proposed.commit("manifest", {"base/more.yaml": "a: 1\n"})
    proposed.commit("env", proposed.release_of("prod", newest))
    proposed.settings |= {"propagation": {"require": "status"}}

    withdrawn(proposed, "prod", "prod has a newer one")


def test_the_stage_before_was_reverted(proposed: World) -> None:
    """Prod never gets what dev took back; when that is taken back too, it is proposed again."""
    newest = proposed.pin("dev")
    proposed.revert("dev")
    withdrawn(proposed, "prod", "dev does not have it any more")

    proposed.revert("dev")
    proposed.settle()
    assert (newest, RequestState.OPEN) == (branch_pin(proposed), last(proposed).state)


def test_the_stage_before_went_back_a_part(proposed: World) -> None:
    """What it has now is still new to prod, so the one merge request is for that."""
    second = proposed.pin("dev")
    released(proposed, "three\n")
    proposed.revert("dev")
    proposed.settle()

    assert [RequestState.MERGED, RequestState.OPEN] == states(proposed)
    assert second == branch_pin(proposed)


def test_what_it_brings_is_held_above(proposed: World) -> None:
    """A revert in docker; the next release is proposed, since nobody turned that down."""
    proposed.settings |= {"propagation": {"require": "status"}}
    proposed.revert("docker")
    withdrawn(proposed, "prod", "somebody moved docker away from it")

    proposed.settings |= {"propagation": {"require": "none"}}
    newest = released(proposed, "three\n")
    assert (newest, RequestState.OPEN) == (branch_pin(proposed), last(proposed).state)


def test_dev_went_back_to_what_was_turned_down(world: World) -> None:
    """That is not proposed again; what dev took back does not stay proposed in its place."""
    world.settings = {"environments": [ENVIRONMENTS[0], *TWO]}
    world.settle()
    world.forge.close_merge_request("shop-env", 1)
    released(world, "two\n")
    assert [RequestState.CLOSED, RequestState.OPEN] == states(world)
    world.revert("dev")

    withdrawn(world, "prod", "dev does not have it any more")


def test_dev_has_what_prod_has_again(proposed: World) -> None:
    """The revert in docker itself comes to dev in that pass, and is what prod has all along."""
    proposed.revert("docker")
    proposed.settle()

    assert [RequestState.MERGED, RequestState.CLOSED] == states(proposed)
    assert proposed.head("manifest") == proposed.pin("dev")


def test_upstream_went_back_to_what_prod_has(proposed: World) -> None:
    """The merge request was for what dev had in between."""
    proposed.commit("code", {"app.py": "one\n"})
    proposed.settle()

    assert [RequestState.MERGED, RequestState.CLOSED] == states(proposed)
    assert "what would come now amounts to what prod has" in last(proposed).body


def test_prod_itself_was_moved_away_from_it(proposed: World) -> None:
    """It was promoted by hand and taken back."""
    proposed.commit("env", proposed.as_at("prod", BRANCH))
    proposed.revert("prod")

    withdrawn(proposed, "prod", "somebody moved prod away from it")


def test_the_environment_is_retired(proposed: World) -> None:
    """Nothing comes there any more."""
    proposed.commit("env", {
        retire_marker("prod"): "# gone\n", **proposed.release_files("prod", empty_release()),
    })  # fmt: skip

    withdrawn(proposed, "prod", "the environment is retired")


def test_upstream_was_forced_to_something_else(proposed: World) -> None:
    """And dev was set to that: the one merge request is for it, too."""
    first = proposed.pin("prod") or ""
    proposed.commit("manifest", {"base/other.yaml": "a: 1\n"}, on=first)
    proposed.commit("env", proposed.release_of("dev", proposed.head("manifest")))
    proposed.settle()

    assert [RequestState.MERGED, RequestState.OPEN] == states(proposed)
    assert proposed.head("manifest") == proposed.pin("dev") == branch_pin(proposed)


@pytest.mark.parametrize(
    "settings",
    [
        {"propagation": {"require": "status"}},
        {"propagation": {"require": "none", "freeze": [
            {"from": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z",
             "environments": ["prod"]}]}},
    ],
    ids=["waiting", "frozen"],
)  # fmt: skip
def test_what_is_on_the_way_stays_open(proposed: World, settings: dict[str, object]) -> None:
    """A newer release waits for its status, or for the end of a freeze; this one may be merged."""
    target = proposed.pin("dev")
    proposed.settings |= settings
    newest = proposed.commit("manifest", {"base/more.yaml": "a: 1\n"})
    proposed.commit("env", proposed.release_of("dev", newest))
    proposed.run()

    assert (RequestState.OPEN, target) == (last(proposed).state, branch_pin(proposed))


def test_a_paused_service_is_left_alone(proposed: World) -> None:
    """Its merge requests, too."""
    proposed.paused = frozenset({"shop"})
    proposed.run()

    assert RequestState.OPEN is last(proposed).state


def test_somebody_elses_work_on_the_branch_stays_open(proposed: World) -> None:
    """It is not the bot's to turn down."""
    proposed.commit("env", {"note.txt": "mine\n"}, branch=BRANCH)
    proposed.revert("dev")
    proposed.run()

    assert RequestState.OPEN is last(proposed).state


def test_a_main_that_takes_no_push(world: World) -> None:
    """A merge request in place of a push is withdrawn as well, once main takes it after all."""
    hook = world.refuse_pushes("docker")
    world.commit("code", {"app.py": "two\n"})
    world.run()
    hook.unlink()
    world.commit("docker", {"README.md": "new\n"})
    world.run()
    assert world.head("code") == world.pin("docker")

    withdrawn(world, "docker", "docker has it already", "docker")


def test_killed_between_the_word_and_the_close(
    proposed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next pass closes it, and the word is there once."""
    proposed.revert("dev")
    with monkeypatch.context() as patch:
        patch.setattr(LocalFolderForge, "close_merge_request", lambda *_: 1 / 0)
        assert 1 == len(proposed.run().failures)
    assert RequestState.OPEN is last(proposed).state

    withdrawn(proposed, "prod", "dev does not have it any more")
    assert 1 == last(proposed).body.count("Closed by the bot")
