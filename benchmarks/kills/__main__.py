"""Kills runs of commands at random moments, runs them again, and compares how it ends.

    python -m benchmarks.kills [--times 30] [--forge local|gitea] [--command NAME]... [--seed S]

So many kills of each command are to meet a run. Each round begins with the same platform of two
services with four small repos each. A command is started and killed (SIGKILL to all its processes)
at a random moment of the time that an undisturbed run takes, while somebody else is at work: a
person who pushes, another run of the same command, or the bot. Then it is run again until it says
that it is done, as a person would, and the bot is let come to rest. The end is compared with that
of a run that nobody killed, before or after which the second actor did the same: the trees of all
branches, the commits on main, merge requests, the catalog, how the forge has each repo set up; and
nothing may be left in temporary folders, caches and checkouts, no lock and no process. Ids and
times are left out (see `ends.py`).

Ends with exit status 1 where an end differs, and prints the differences with the seed and the
moment of the kill.
"""

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.kills.commands import COMMANDS
from benchmarks.kills.ends import differences
from benchmarks.kills.ground import GiteaGround, Ground, LocalGround
from benchmarks.kills.rounds import Command, Round, killed, length, undisturbed
from benchmarks.timing import machine

_LONGER = 1.05
_MOST = 3  # rounds for each kill that is to meet a run


@dataclass
class Row:
    """What came of all rounds of one command."""

    command: str
    effective: int = 0
    rounds: int = 0
    equal: int = 0
    tries: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def line(self) -> str:
        """As in the table."""
        tries = ", ".join(f"{count} x {number}" for number, count in sorted(self.tries.items()))
        return (
            f"{self.command:10} {self.seconds:7.2f} s {self.effective:5} of {self.rounds:<5}"
            f" {self.equal:5} of {self.rounds:<5} {tries}"
        )


def rounds_of(ground: Ground, command: Command, times: int, seed: int) -> Row:
    """Kill one command so many times."""
    ground.bring_back("begin")
    command.prepare(ground)
    ground.keep(command.name)
    row = Row(command.name, seconds=length(ground, command))
    expected: dict[str, list[Round]] = {
        actor: [undisturbed(ground, command, actor, first=first) for first in (False, True)]
        for actor in command.actors
    }
    for actor, ends in expected.items():
        for one in ends:
            for line in (*one.said, *one.end["left over"]):
                print(f"{command.name}, undisturbed, with {actor}: {line}", flush=True)
    for number in range(seed, seed + _MOST * times):
        if row.effective == times:
            break
        dice = random.Random(number)  # noqa: S311 - nothing secret
        actor = list(command.actors)[number % len(command.actors)]
        after = dice.uniform(0, row.seconds)
        done = killed(ground, command, actor, after, number)
        row.rounds += 1
        row.effective += done.effective
        # What else the machine does makes runs longer and shorter.
        row.seconds = row.seconds * _LONGER if done.effective else done.seconds
        row.tries[done.tries] += 1
        problems = problems_of(done, expected[actor])
        row.equal += not problems
        for problem in problems:
            where = f"{command.name}, seed {number}, killed after {after:.3f} s, with {actor}"
            print(f"{where}: {problem}", flush=True)
        print(row.line, file=sys.stderr, flush=True)  # so far
    return row


def problems_of(done: Round, expected: list[Round]) -> list[str]:
    """What was said on the way, and how the end differs from the expected one that is closest."""
    differs = [list(differences(one.end, done.end)) for one in expected]
    return [*done.said, *min(differs, key=len)]


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--forge", choices=["local", "gitea"], default="local")
    parser.add_argument("--command", action="append", choices=[one.name for one in COMMANDS])
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    chosen = [one for one in COMMANDS if one.name in (arguments.command or [one.name])]
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scaffold-kills-") as folder, ExitStack() as stack:
        ground = _ground(arguments.forge, Path(folder), stack)
        ground.begin()
        ground.keep("begin")
        rows = [rounds_of(ground, command, arguments.times, seed) for command in chosen]
    print(f"{machine()}; forge: {arguments.forge}; seed {seed}; {time.monotonic() - start:.0f} s")
    print(f"{'command':10} {'a run':>9} {'kills that met it':>15} {'equal ends':>14}  runs it took")
    for row in rows:
        print(row.line)
    raise SystemExit(0 if all(row.equal == row.rounds for row in rows) else 1)


def _ground(forge: str, folder: Path, stack: ExitStack) -> Ground:
    return GiteaGround(folder, stack) if forge == "gitea" else LocalGround(folder)


if __name__ == "__main__":
    main()
