"""How a bot ends that is told to: real processes, real signals, real repos."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.process import Running, running, serving, wait_for
from tests.chain.world import AUTOMATIC, World
from tests.cli.test_chain import install, make_platform_in_step, text
from tests.silent import Silent, silent_server

RUNS = ("run", "--interval", "3600")
ONCE = ("run", "--once")
SERVES = ("serve", "--port", "0", "--interval", "3600")
ENDED = 128 + 15


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two services, `cart` and `shop`, with something to bring forward in both."""
    world = make_platform_in_step(tmp_path)
    world.settings = {"environments": [AUTOMATIC[0]]}
    install(world)
    for service in world.services:
        world.commit("code", {"app.py": "two\n"}, service=service)
    return world


@pytest.fixture
def silent() -> Iterator[Silent]:
    """A git server that says nothing."""
    with silent_server() as server:
        yield server


def let_hang(world: World, silent: Silent) -> None:
    """Have the code of the first service be on the silent server."""
    entry = text(world.entry("cart"))
    url = f"http://127.0.0.1:{silent.port}/cart-code.git"
    changed = entry.replace(world.url("cart-code"), url)
    assert changed != entry
    install(world, cart=changed.encode())


def let_wait(world: World) -> Path:
    """Have a push to docker of the first service wait for the file that is returned."""
    hook = world.root / "forge/cart-docker.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    go_on = world.root / "go on"
    hook.write_text(
        f"#!/bin/sh\ntouch '{world.root}/waiting'\nwhile [ ! -e '{go_on}' ]; do sleep 0.05; done\n"
    )
    hook.chmod(0o755)
    return go_on


def wait_until_it_pushes(world: World, bot: Running) -> None:
    """Wait until the bot is in the middle of the first service."""
    wait_for((world.root / "waiting").exists, bot)


@pytest.mark.parametrize("words", [RUNS, SERVES], ids=["run", "serve"])
def test_one_that_waits_ends_at_once(world: World, words: tuple[str, ...]) -> None:
    """It had nothing to do."""
    with running(world.root, *words) as bot:
        wait_for(lambda: sum(line["message"] == "pin" for line in bot.lines()) == 6, bot)
        bot.terminate()

        assert 0 == bot.process.wait(30)


@pytest.mark.parametrize(
    ("words", "status"), [(RUNS, 0), (SERVES, 0), (ONCE, 130)], ids=["run", "serve", "once"]
)
def test_the_service_that_it_is_at_is_finished(
    world: World, words: tuple[str, ...], status: int
) -> None:
    """The others are left to the next pass."""
    go_on = let_wait(world)
    before = world.head("docker")
    code = world.head("code", service="cart")
    with running(world.root, *words) as bot:
        wait_until_it_pushes(world, bot)
        bot.terminate()
        go_on.touch()
        ended = bot.process.wait(60)

    assert (status, before) == (ended, world.head("docker"))
    assert code in world.text("docker", "upstream.yml", service="cart")


def test_one_pass_that_was_stopped_says_so(world: World) -> None:
    """After what it did."""
    go_on = let_wait(world)
    with running(world.root, *ONCE) as bot:
        wait_until_it_pushes(world, bot)
        bot.terminate()
        go_on.touch()
        bot.process.wait(60)

    said = bot.log.read_text(encoding="utf-8")
    assert (True, True) == ("cart docker" in said, "error [stopped]: the pass was stopped" in said)


@pytest.mark.parametrize("words", [RUNS, SERVES, ONCE], ids=["run", "serve", "once"])
def test_a_service_that_takes_too_long_then_is_broken_off(
    world: World, silent: Silent, words: tuple[str, ...]
) -> None:
    """The first signal has a bound, and no git is left behind."""
    let_hang(world, silent)
    with running(world.root, *words, patience=1) as bot:
        assert silent.wait_until_somebody_came()
        bot.terminate()

        assert ENDED == bot.process.wait(30)
    assert silent.wait_until_all_are_gone()


@pytest.mark.parametrize("words", [RUNS, SERVES, ONCE], ids=["run", "serve", "once"])
def test_a_second_signal_ends_it_at_once(
    world: World, silent: Silent, words: tuple[str, ...]
) -> None:
    """Whatever it waits for; no git is left behind."""
    let_hang(world, silent)
    with running(world.root, *words) as bot:
        assert silent.wait_until_somebody_came()
        bot.terminate()
        with pytest.raises(Exception, match="timed out"):  # it waits for the service
            bot.process.wait(1)
        bot.terminate()

        assert ENDED == bot.process.wait(30)
    assert silent.wait_until_all_are_gone()


def test_health_while_a_git_server_is_silent(world: World, silent: Silent) -> None:
    """Requests are answered; a pass that does not end shows by the age of the last good one."""
    let_hang(world, silent)
    with running(world.root, *SERVES) as bot:
        assert silent.wait_until_somebody_came()
        status, told = bot.get("/healthz")
        expected = {
            "status": "starting",
            "last_good_pass_age_seconds": None,
            "longest_age_seconds": 10800.0,
        }
        assert (200, expected) == (status, json.loads(told))


def test_only_this_machine_is_served(world: World) -> None:
    """Unless it is told otherwise."""
    with serving(world.root) as bot, serving(world.root, "--host", "0.0.0.0") as open_bot:  # noqa: S104
        assert [["0100007F"], ["00000000"]] == [listens(one) for one in (bot, open_bot)]


def listens(bot: Running) -> list[str]:
    """The addresses that something listens on at the bot's port, as Linux tells them."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    places = [line.split()[1].split(":") for line in lines if line.split()[3] == "0A"]
    return [host for host, port in places if int(port, 16) == bot.port]
