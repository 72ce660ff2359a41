"""The commands that are killed, each with the state it starts from and who else is at work."""

import random
import time
from collections.abc import Callable

from benchmarks.kills.blueprint import SECOND
from benchmarks.kills.ground import NOTES, Ground
from benchmarks.kills.rounds import Actor, Command

_MINE = "# payments code\n\nmine\ntwo\nthree\nfour\nfive\n"
_PUSHES = 3


def _person(*repos: str) -> Actor:
    """Somebody who pushes to these repos, now and then."""

    def work(ground: Ground, dice: random.Random) -> None:
        for number in range(_PUSHES):
            for repo in repos:
                time.sleep(dice.uniform(0, 1))
                files = {f"{NOTES}{number}.txt": f"{number}\n"}
                ground.push(repo, files, f"Change number {number}")

    return work


def _another(*words: str) -> Actor:
    """Somebody who runs a command, twice; what it ends with is its own affair."""

    def work(ground: Ground, dice: random.Random) -> None:
        for _ in range(2):
            time.sleep(dice.uniform(0, 1))
            ground.scaffold(*words)

    return work


_BOT = _another("bot", "run", "--once")


def _nothing(_: Ground) -> None:
    """Start with two services that are in step."""


def _a_release(ground: Ground) -> None:
    """Start with a new version of the blueprint, which one repo's owner is in the way of."""
    ground.push("payments-code", {"README.md": _MINE}, "Do it our way")
    ground.rest()
    ground.release("v1.1.0", SECOND)


def _a_change(ground: Ground) -> None:
    """Start with commits that the bot has not seen."""
    for service in ("payments", "accounts"):
        ground.push(f"{service}-code", {"app.py": "one\n"}, "Begin the app")


def _a_change_to_promote(ground: Ground) -> None:
    """Start with a release that waits for a person before prod."""
    _a_change(ground)
    ground.rest()


def _emptied(ground: Ground) -> None:
    """Start with a retirement whose merge request is merged."""
    ground.must("retire", "payments")
    for one in ground.forge.merge_requests("payments-env", "scaffold/retire"):
        ground.forge.merge("payments-env", one.number)


def _command(
    name: str, words: str, prepare: Callable[[Ground], None], *repos: str, over: str = ""
) -> Command:
    actors = {"a person": _person(*repos), "the same": _another(*words.split())}
    if not words.startswith("bot"):
        actors["the bot"] = _BOT
    return Command(name, tuple(words.split()), actors, prepare, over)


COMMANDS = (
    _command(
        "new", "new service orders --defaults", _nothing, "payments-code", "platform",
        over="[name-taken]",
    ),
    _command(
        "upgrade", "upgrade --all --jobs 2", _a_release, "payments-code", "payments-docker",
        over="conflict",
    ),
    _command("bot", "bot run --once", _a_change, "payments-code", "payments-manifest"),
    _command("promote", "promote payments --to prod --force", _a_change_to_promote, "payments-code",
             "payments-env"),
    _command("retire", "retire payments", _nothing, "payments-code", "payments-env"),
    _command("retire-2", "retire payments", _emptied, "accounts-code", "platform"),
)  # fmt: skip
