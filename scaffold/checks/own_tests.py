"""A repo's own tests: `make test`, with any of the names that a makefile may have."""

from pathlib import Path

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.process import LONG_LIMIT, find_program, run
from scaffold.programs import TESTS, environment

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""The names that make looks for, in its order."""

TARGET = "test"
_NAME, _SHOWN = "tests", f"make {TARGET}"


def find_makefile(path: Path) -> str | None:
    """The makefile that make uses in a folder, or None."""
    return next((name for name in MAKEFILES if (path / name).is_file()), None)


def run_own_tests(subject: Subject, target: str) -> list[Result]:
    """Run the tests of the repo, unless `target` is a makefile that make does not use."""
    if target != find_makefile(subject.path):
        return []
    program = find_program("make")
    if program is None:
        return [not_run(_NAME, _SHOWN, "make is not installed")]
    done = run([program, TARGET], cwd=subject.path, env=environment(TESTS), timeout=LONG_LIMIT)
    if done.status == 0:
        return [passed(_NAME, _SHOWN)]
    return [failed(_NAME, _SHOWN, done.last_lines)]
