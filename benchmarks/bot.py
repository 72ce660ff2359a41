"""Times passes of the bot over many services: nothing changed, one changed, all wait for a person.

    python -m benchmarks.bot [--services 1000] [--rounds 5] [--profile]

The platform is built first: each service has four small repos on a local forge, and three
environments. A pass is what `scaffold bot run` does again and again, in one process: it reads the
platform afresh and looks at every service. Then a whole `scaffold bot run --once`, with its start.
"""

import argparse
import cProfile
import os
import pstats
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pygit2
import yaml

from benchmarks.timing import IDENTITY, Timing, machine, run, scratch, stopwatch
from scaffold.bot.passes import Bot, PassReport
from scaffold.config.service import catalog_path
from scaffold.fleet.platform import open_platform
from scaffold.git.program import identity
from scaffold.git.tree import Entry, Tree, init_bare, make_commit
from tests.chain.world import DEV, World, make_world

FOLLOWERS = ("docker", "manifest", "dev")


def make_platform(root: Path, services: int) -> World:
    """A forge with so many services, the platform repo and a checkout of it."""
    world = make_world(root, *(f"service-{number:04}" for number in range(services)))
    tree: Tree = {"platform.yml": _entry(world.platform)}
    for name in world.services:
        tree[catalog_path(name)] = _entry(world.entry(name))
        for environment in world.platform.environments:
            folder = f"access/{environment.name}/{name}"
            for file in ("kustomization", "namespace", "quota", "roles"):
                tree[f"{folder}/{file}.yaml"] = Entry.file(f"# {file} of {name}\n".encode())
    store = init_bare(root / "forge/platform.git")
    commit = make_commit(store, tree, "Start\n", DEV)
    store.references.create("refs/heads/main", pygit2.Oid(hex=commit))
    run(["git", "clone", "--quiet", world.forge.url("platform"), str(root / "platform")])
    return world


def _entry(model: Any) -> Entry:
    text = yaml.safe_dump(model.model_dump(mode="json", by_alias=True), sort_keys=False)
    return Entry.file(text.encode())


def one_pass(world: World, later: timedelta = timedelta()) -> PassReport:
    """Read the platform and look at every service."""
    opened = open_platform(world.root / "platform")
    bot = Bot(opened.model, tuple(opened.catalog.services.values()), opened.forge, identity())
    report = bot.run_pass(datetime.now(UTC) + later)
    assert not report.failures, str(report.failures[0].error)
    return report


def unchanged(world: World) -> None:
    """A pass that finds nothing to do."""
    assert not one_pass(world).moved


def one_changed(world: World) -> None:
    """A pass in which the code of one service got a commit, which walks to dev."""
    report = one_pass(world)
    assert len(report.moved) == len(FOLLOWERS), report.moved


def change(world: World, number: int) -> None:
    """A commit to the code of one service."""
    service = world.services[number % len(world.services)]
    world.commit("code", {"app.py": f"{datetime.now(UTC)}\n"}, service=service)


def release_everywhere(world: World) -> None:
    """Let every service come to where prod waits for a person."""
    for _ in range(3):
        one_pass(world, timedelta(hours=3))


def timed(name: str, rounds: int, act: Callable[[], None], before: Callable[[], None]) -> Timing:
    """Time an act, each time after something else that is not timed; print its CPU time, too."""
    seconds: list[float] = []
    cpu: list[float] = []
    for _ in range(rounds):
        before()
        started = sum(os.times()[:4])
        with stopwatch(seconds):
            act()
        cpu.append(sum(os.times()[:4]) - started)
    found = Timing(name, tuple(seconds))
    print(f"{found.line}   {statistics.median(cpu):.3f} s of CPU")
    return found


def _nothing() -> None:
    pass


def measure(world: World, rounds: int) -> None:
    """Time everything, in order."""
    numbers = iter(range(rounds))
    unchanged(world)  # the warm-up
    rest = timed("a pass, nothing changed", rounds, lambda: unchanged(world), _nothing)
    changed = timed(
        "a pass, one service's code changed",
        rounds,
        lambda: one_changed(world),
        lambda: change(world, next(numbers)),
    )
    print(
        f"{'one more service (difference of the medians)':44} {changed.median - rest.median:8.3f} s"
    )
    words = [sys.executable, "-m", "scaffold", "bot", "run", "--once", "--quiet"]
    timed("scaffold bot run --once", rounds, lambda: _command(words, world), _nothing)
    release_everywhere(world)
    timed("a pass, prod waits for a person everywhere", rounds, lambda: unchanged(world), _nothing)


def _command(words: list[str], world: World) -> None:
    run(words, cwd=world.root)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="Profile one pass and end.")
    options = parser.parse_args()
    os.environ.update(IDENTITY)
    with scratch() as root:
        building: list[float] = []
        with stopwatch(building):
            world = make_platform(root, options.services)
        print(f"{machine()}; {options.services} services, built in {building[0]:.1f} s")
        if options.profile:
            profile(world)
            return
        print(f"load average before: {os.getloadavg()[0]:.1f}; median, min .. max, CPU")
        measure(world, options.rounds)
        print(f"load average after: {os.getloadavg()[0]:.1f}")


def profile(world: World) -> None:
    """Where the time of a pass goes: at rest, and with a request open for each service."""
    for name, prepare in (
        ("nothing changed", _nothing),
        ("requests", lambda: release_everywhere(world)),
    ):
        prepare()
        unchanged(world)
        with cProfile.Profile() as profiler:
            unchanged(world)
        print(name)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
