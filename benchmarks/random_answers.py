"""Makes services of random valid answers on random platforms, and looks at every check.

    python -m benchmarks.random_answers [--number N] [--seed S]

Each one is made by the command line on a fresh local forge. It has to be created and registered,
every check has to pass, and none may be left out, so the check programs have to be installed
(`make tools`). Service number i of a run has the seed S + i, so `--number 1 --seed` and a failure's
seed make that one again. Ends with exit status 1 where anything went wrong, and prints what was
answered there.
"""

import argparse
import secrets
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.timing import machine
from tests.service.answers import Case, problems_with, random_case

Failure = tuple[int, Case, list[str]]


def try_cases(number: int, seed: int) -> list[Failure]:
    """Make that many services, of the seeds from `seed` on; return what failed."""
    failures: list[Failure] = []
    for one in range(seed, seed + number):
        case = random_case(one)
        with tempfile.TemporaryDirectory(prefix="scaffold-random-") as folder:
            if problems := problems_with(case, Path(folder)):
                failures.append((one, case, problems))
    return failures


def text_of(failure: Failure) -> str:
    """A failure, with all that is needed to see it again."""
    seed, case, problems = failure
    whole = {"service": case.service, "answers": case.answers, "platform.yml": case.settings}
    lines = [f"--- seed {seed}", *problems]
    return "\n".join([*lines, yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)])


def main() -> None:
    """Run it and print the summary."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    start = time.monotonic()
    failures = try_cases(arguments.number, seed)
    for failure in failures:
        print(text_of(failure))
    print(machine())
    print(
        f"seeds {seed} to {seed + arguments.number - 1}: "
        f"{arguments.number - len(failures)} services made with all checks passed, "
        f"{len(failures)} not, in {time.monotonic() - start:.0f} s"
    )
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
