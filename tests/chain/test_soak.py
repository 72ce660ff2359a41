"""Soak is a property of a release: a stream of pushes keeps nothing from the next stage."""

from datetime import datetime, timedelta

import pytest

from scaffold.chain.decide import Why
from scaffold.forge.api import StatusState
from tests.chain.fast import in_process, set_clock
from tests.chain.world import ENVIRONMENTS, World, event

SOAK = timedelta(hours=2)


@pytest.fixture
def clocked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Dev, and staging after a soak of two hours; commits are made at the world's time."""
    world.settings = {"environments": list(ENVIRONMENTS[:2])}
    set_clock(monkeypatch, lambda: world.now)
    world.later(1)
    return world


def release(world: World, text: str) -> str:
    """Let a change reach dev; what dev has then."""
    world.commit("manifest", {"base/a.yaml": text})
    world.run()
    return world.pin("dev") or ""


@pytest.mark.parametrize("minutes", [7, 119])
def test_a_stream_of_pushes_starves_nothing(clocked: World, minutes: int) -> None:
    """However often somebody pushes, staging has what dev had a soak and a pass ago."""
    had: list[tuple[datetime, str]] = [(clocked.now, clocked.pin("dev") or "")]
    end = clocked.now + 2 * SOAK + timedelta(minutes=2 * minutes)
    with in_process():
        while clocked.now < end:
            clocked.later(minutes / 60)
            had.append((clocked.now, release(clocked, f"{clocked.now}\n")))
            due = [one for when, one in had if when <= clocked.now - SOAK]
            assert due[-1:] == [clocked.pin("staging")] or not due


def test_what_is_newer_soaks_on_its_own(clocked: World) -> None:
    """The verdict names the release that is next, and when."""
    began = clocked.now
    first = release(clocked, "1\n")
    clocked.later(1)
    release(clocked, "2\n")
    clocked.settings = {"environments": [ENVIRONMENTS[0], {**ENVIRONMENTS[1], "soak_hours": 100}]}

    found = event(clocked.run(), "staging").verdict

    ready = datetime.fromisoformat(found.detail.removeprefix("until "))
    assert Why.SOAKING is found.why
    assert ready <= began + timedelta(hours=100)
    assert first != found.desired  # what dev had at the very first is next


def test_what_was_taken_back_does_not_go_on(clocked: World) -> None:
    """It has soaked long enough, and what came before it has; that goes."""
    first = release(clocked, "1\n")
    bad = release(clocked, "2\n")
    clocked.revert("dev")
    clocked.later(3)
    clocked.run()

    assert first == clocked.pin("staging")
    assert bad != clocked.pin("staging")


def test_a_revert_starts_no_soak_again(clocked: World) -> None:
    """What was there all along, by itself or in what came on top of it, has soaked."""
    first = release(clocked, "1\n")
    clocked.later(1)
    release(clocked, "2\n")
    clocked.later(0.9)
    clocked.revert("dev")
    clocked.later(0.2)
    clocked.run()

    assert first == clocked.pin("staging")


def test_what_came_back_after_a_rollback_soaks_anew(clocked: World) -> None:
    """Its stay was broken."""
    release(clocked, "1\n")
    again = release(clocked, "2\n")
    clocked.later(1)
    clocked.revert("dev")
    clocked.later(0.5)
    clocked.revert("dev")
    assert again == clocked.pin("dev")
    clocked.later(1)
    clocked.run()

    assert again != clocked.pin("staging")
    clocked.later(1.1)
    clocked.run()
    assert again == clocked.pin("staging")


def test_nothing_older_than_what_staging_took_back_goes_on(clocked: World) -> None:
    """Somebody went back there past it."""
    release(clocked, "1\n")
    clocked.later(3)
    clocked.run()
    before = clocked.pin("staging")
    release(clocked, "2\n")
    release(clocked, "3\n")
    clocked.later(3)
    clocked.run()
    clocked.revert("staging")
    release(clocked, "4\n")

    assert Why.SOAKING is event(clocked.run(), "staging").verdict.why
    assert before == clocked.pin("staging")


def test_a_patch_of_the_environment_before_starts_no_soak_again(clocked: World) -> None:
    """It is that environment's own, and comes nowhere else."""
    first = release(clocked, "1\n")
    clocked.later(1.5)
    clocked.commit("env", {"environments/dev/kustomization.yaml": "namePrefix: a-\n"})
    clocked.later(1)
    clocked.run()

    assert first == clocked.pin("staging")


def test_the_newest_that_is_green_goes(clocked: World) -> None:
    """Each release by the status of its own time in the environment."""
    clocked.settings |= {"propagation": {"require": "status"}}
    texts = []
    for state in (StatusState.SUCCESS, StatusState.FAILURE, StatusState.PENDING):
        made = clocked.commit("manifest", {"base/a.yaml": f"{state}\n"})
        clocked.status("manifest", made, "validate", StatusState.SUCCESS)
        clocked.run()
        clocked.status("env", clocked.head("env"), "smoke/dev", state)
        texts.append(made)
    clocked.later(3)
    clocked.run()

    assert texts[-1] == clocked.pin("dev")
    assert texts[0] == clocked.pin("staging")
