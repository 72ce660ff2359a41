"""How long the shortest commands take: what is paid before any work is done.

    python -m benchmarks.startup [--runs N]

Each is timed as a whole process, after one warm-up, and they take turns. The interpreter alone is
the floor.
"""

import argparse
import sys

from benchmarks.timing import Timing, machine, run, stopwatch

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "scaffold --version": ["-m", "scaffold", "--version"],
    "scaffold --help": ["-m", "scaffold", "--help"],
    "copier --help": ["-m", "copier", "--help"],
}


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(runs + 1):
        for name, arguments in COMMANDS.items():
            ignored: list[float] = []
            with stopwatch(seconds[name] if number else ignored):
                run([sys.executable, *arguments])
    print(f"{machine()}; {runs} runs after a warm-up; median, min .. max")
    for name, taken in seconds.items():
        print(Timing(name, tuple(taken)).line)


if __name__ == "__main__":
    main()
