"""Times `scaffold status` over a fleet, and the story of one service.

    python -m benchmarks.status [--services 1000] [--rounds 5] [--profile]

The platform is that of `benchmarks.bot`, and each repo has an answers file. A whole command is
timed, with its start: there is nothing that a run could keep for the next one but git's own files.
"""

import argparse
import cProfile
import os
import pstats
import sys
from datetime import UTC, datetime

from benchmarks.bot import make_platform, timed
from benchmarks.timing import IDENTITY, machine, run, scratch, stopwatch
from scaffold.fleet.platform import open_platform
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.status.services import status
from tests.chain.world import PARTS, World

ANSWERS = "_commit: v1.0.0\n_src_path: {url}\nowner: platform\nrepo: {part}\nservice: {service}\n"


def record_versions(world: World) -> None:
    """Give each repo an answers file."""
    url = world.platform.blueprints[0].url
    for service in world.services:
        for part in PARTS:
            text = ANSWERS.format(url=url, part=part, service=service)
            world.commit(part, {DEFAULT_NAME: text}, service=service)


def profile(world: World) -> None:
    """Where the time goes, in this process."""
    opened = open_platform(world.root / "platform")
    with cProfile.Profile() as profiler:
        lines = status(opened, (), datetime.now(UTC))
    assert not any(line.error for line in lines)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="Profile one look and end.")
    options = parser.parse_args()
    os.environ.update(IDENTITY)
    with scratch() as root:
        building: list[float] = []
        with stopwatch(building):
            world = make_platform(root, options.services)
            record_versions(world)
        print(f"{machine()}; {options.services} services, built in {building[0]:.1f} s")
        if options.profile:
            profile(world)
            return
        print(f"load average before: {os.getloadavg()[0]:.1f}; median, min .. max, CPU")
        program = [sys.executable, "-m", "scaffold", "status"]
        for name, words in (
            ("scaffold status", []),
            ("scaffold status --output json", ["--output", "json"]),
            ("scaffold status SERVICE", [world.services[0]]),
        ):
            command = [*program, *words]
            timed(name, options.rounds, lambda: _run(command, world), _nothing)  # noqa: B023
        print(f"load average after: {os.getloadavg()[0]:.1f}")


def _run(command: list[str], world: World) -> None:
    run(command, cwd=world.root)


def _nothing() -> None:
    pass


if __name__ == "__main__":
    main()
