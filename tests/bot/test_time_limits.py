"""A pass over services of which one, or what they have in common, is on a server that is silent."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scaffold.bot import passes
from scaffold.bot.passes import Bot
from scaffold.config.service import PairedRepo
from scaffold.git import transport
from scaffold.process import Silence
from tests.chain.world import AUTOMATIC, World, make_world
from tests.silent import Silent, silent_server


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    """A server that says nothing, which git would wait for for minutes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(transport, "_SILENCE", Silence(600, 600))
    with silent_server() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two services, with something to bring forward in both."""
    world = make_world(tmp_path, "cart", "shop")
    world.settings = {"environments": [AUTOMATIC[0]]}
    for service in world.services:
        world.commit("code", {"app.py": "two\n"}, service=service)
    return world


def with_code_on(bot: Bot, silent: Silent) -> Bot:
    """The same bot, with the code of the first service on the silent server."""
    first, *others = bot.services
    url = f"http://127.0.0.1:{silent.port}/cart-code.git"
    repos = {**first.repos, "code": PairedRepo(name="cart-code", url=url)}
    return replace(bot, services=(first.model_copy(update={"repos": repos}), *others))


def test_a_service_whose_time_is_up_is_one_failure(
    world: World, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told what was waited for, and the pass goes on to the others."""
    monkeypatch.setattr(passes, "SERVICE_LIMIT", 2.0)

    report = with_code_on(world.bot(), silent).run_pass(world.now)

    assert [("cart", "time-up")] == [(one.service, one.error.reference) for one in report.failures]
    (failure,) = report.failures
    assert f"http://127.0.0.1:{silent.port}/cart-code.git" == failure.error.where
    assert "the time of the service `cart` is up: 2 s" in failure.error.what
    assert ["docker", "manifest", "dev"] == [event.verdict.edge.place for event in report.moved]
    assert silent.wait_until_all_are_gone()


def test_a_repo_on_a_silent_server_is_one_failure(
    world: World, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before the service's time is up."""
    monkeypatch.setattr(transport, "_SILENCE", Silence(1, 1))

    report = with_code_on(world.bot(), silent).run_pass(world.now)

    (failure,) = report.failures
    assert ("cart", "gives no answer") == (failure.service, failure.error.what)
    assert 3 == len(report.moved)


def test_a_blueprint_on_a_silent_server_is_asked_for_once(
    world: World, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All its services fail, in the time of one."""
    monkeypatch.setattr(transport, "_SILENCE", Silence(1, 1))
    url = f"http://127.0.0.1:{silent.port}/small.git"
    world.settings["blueprints"] = [{"name": "small", "url": url}]

    report = world.run()

    assert [("cart", url), ("shop", url)] == [
        (one.service, one.error.where) for one in report.failures
    ]
    assert 1 == silent.taken


def test_a_blueprint_that_one_service_had_no_time_for(
    world: World, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for again for the next one, which has its own time."""
    monkeypatch.setattr(passes, "SERVICE_LIMIT", 1.0)
    url = f"http://127.0.0.1:{silent.port}/small.git"
    world.settings["blueprints"] = [{"name": "small", "url": url}]

    report = world.run()

    assert ["`cart`", "`shop`"] == [one.error.what.split()[5] for one in report.failures]
    assert 2 == silent.taken


def test_a_pass_that_is_to_stop_leaves_the_others(world: World) -> None:
    """It is asked before each service."""
    answers = iter([False, True])

    report = world.bot().run_pass(world.now, stop=lambda: next(answers))

    assert {"cart"} == {event.service for event in report.events}
