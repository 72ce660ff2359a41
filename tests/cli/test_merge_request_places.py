"""Each merge request that a command prints on the local forge: how it is shown and merged."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chain.world import AUTOMATIC, World
from tests.cli.test_chain import install, make_platform
from tests.service.run import refuse_pushes, scaffold
from tests.upgrade.fleet import SECOND, make_fleet

PLACE = re.compile(
    r"scaffold merge-request show (\S+) (\d+), then scaffold merge-request merge \1 \2\b"
)


def chain(root: Path) -> World:
    """The services `cart` and `shop`, whose prod waits for a person."""
    world = make_platform(root)
    world.settings = {"environments": [AUTOMATIC[0], {"name": "prod", "after": "dev"}]}
    install(world)
    return world


def waiting(root: Path) -> None:
    """The same, after a pass of the bot."""
    chain(root)
    assert 0 == scaffold("bot", "run", "--once", cwd=root).returncode


def protected(root: Path) -> None:
    """The same on a platform that takes no push, and in which nothing is generated yet."""
    chain(root)
    refuse_pushes(root, "platform")


def released(root: Path) -> None:
    """A fleet with an older version of its blueprint."""
    make_fleet(root, "payments").release("v1.1.0", SECOND)


def no_push(root: Path) -> None:
    """A fleet whose platform takes no push, and that has a service of the blueprint."""
    fleet = make_fleet(root, "payments")
    refuse_pushes(fleet.root, "platform")


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "bot run": (chain, "bot run --once"),
    "status": (waiting, "status"),
    "promote": (chain, "promote shop --to prod --request"),
    "retire": (chain, "retire shop"),
    "pause": (protected, "pause shop"),
    "platform sync": (protected, "platform sync"),
    "upgrade": (released, "upgrade payments"),
    "new service": (no_push, "new service till --defaults"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_by_commands(name: str, tmp_path: Path) -> None:
    """Never by a ref, which nobody can open."""
    make, command = CASES[name]
    root = tmp_path / "acme"
    root.mkdir()
    make(root)

    done = scaffold(*command.split(), cwd=root)

    assert 0 == done.returncode, done.stderr
    assert PLACE.search(done.stdout), done.stdout
    assert "refs/scaffold/mr" not in done.stdout


def test_who_wants_a_name_that_waits_is_told_where(tmp_path: Path) -> None:
    """To see who has it."""
    no_push(tmp_path / "acme")
    for _ in range(2):
        done = scaffold("new", "service", "till", "--defaults", cwd=tmp_path / "acme")

    assert 1 == done.returncode
    assert PLACE.search(done.stderr), done.stderr
