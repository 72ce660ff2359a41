"""The benchmarks run on the blueprints as they are now, at their smallest."""

import subprocess
import sys
from pathlib import Path

import pytest

_TOP = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("new_service", "--rounds", "1"),
        ("preview", "2"),
        ("bot", "--services", "1", "--rounds", "1"),
        ("status", "--services", "1", "--rounds", "1"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_benchmark_runs_to_its_end(arguments: tuple[str, ...]) -> None:
    """What it changes in a blueprint is there, and what it compares is equal."""
    command = [sys.executable, "-m", f"benchmarks.{arguments[0]}", *arguments[1:]]
    done = subprocess.run(command, cwd=_TOP, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
