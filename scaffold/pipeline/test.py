"""`scaffold pipeline test`: a code repo's own tests, by the one target that each has."""

import os
from dataclasses import dataclass
from pathlib import Path

from scaffold.checks.own_tests import TARGET, find_makefile
from scaffold.errors import ConfigError, ProcessFailedError
from scaffold.pipeline.reports import add_to_job_summary
from scaffold.process import need_program, stream
from scaffold.programs import TESTS, environment


@dataclass(frozen=True)
class Tested:
    """A repo whose tests passed."""

    path: Path


def run_tests(path: Path) -> Tested:
    """Run `make test` in a code repo; its output goes straight to the CI log.

    The tests get `CI`, the address of a database for tests and little else: they are the
    service's code, so no token of the job is theirs. What they report goes on the job's page.
    Raises ProcessFailedError where they fail.
    """
    if find_makefile(path) is None:
        raise ConfigError(
            "there is no Makefile",
            where=str(path),
            hint="A code repo has a Makefile whose target `test` runs all of its tests.",
        )
    make = need_program("make", "Install GNU make, e.g. `apt-get install make`.")
    env = environment(TESTS, {"CI": os.environ.get("CI", "true")})
    status = stream([make, TARGET], cwd=path, env=env)
    add_to_job_summary(path)
    if status:
        raise ProcessFailedError(
            f"`make test` ended with status {status}",
            where=str(path),
            hint="What failed is in the log above; `make test` does the same on your machine.",
        )
    return Tested(path)
