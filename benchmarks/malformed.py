"""Gives every parser inputs that nobody meant, and counts what they make of them.

    python -m benchmarks.malformed [--number N] [--seed S] [--only NAME]

An input is what the parser takes with one to three things wrong, or something else altogether:
impossible dates, tags, numbers of 5,000 digits, thousands of levels, aliases of aliases and in
circles, keys that are lists, control characters, other encodings, a file that was cut off. The
parsers are called as the commands call them, and what they return is used as they use it; see
`tests/malformed`. An input is refused if the error is one that tells what is wrong, accepted if it
is read, and unexpected otherwise, by a traceback or by an error that calls itself a fault of
scaffold. Ends with exit status 1 where anything was, and prints what and the seed that makes it
again. `tests/malformed/test_malformed.py` makes a small sample in `make test`.
"""

import argparse
import secrets
import tempfile
import time
from pathlib import Path

from benchmarks.timing import machine
from tests.malformed.parsers import parsers
from tests.malformed.runs import Outcome, Tally, rows, run


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--number", type=int, default=2000, help="Inputs a parser.")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", default="", help="Parsers whose name has this in it.")
    options = parser.parse_args()
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scaffold-malformed-") as folder:
        chosen = [one for one in parsers(Path(folder)) if options.only in one.name]
        tallies = [run(one, range(seed, seed + options.number)) for one in chosen]
    print("\n".join(rows(tallies)))
    print(f"\nseeds {seed} to {seed + options.number - 1}; {machine()}; ", end="")
    print(f"{time.monotonic() - start:.0f} s")
    surprises = [line for tally in tallies for line in _surprises(tally)]
    print("\n".join(surprises))
    raise SystemExit(1 if any(one.counts[Outcome.UNEXPECTED] for one in tallies) else 0)


def _surprises(tally: Tally) -> list[str]:
    return [f"{tally.parser}, seed {seed}: {said}" for seed, said in tally.surprises]


if __name__ == "__main__":
    main()
