"""Runs a program whose output is the CI log: straight through, nothing held back."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from scaffold.errors import ToolMissingError


def stream(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run a program with our own standard output and error, and return its exit status."""
    sys.stdout.flush()  # or what was said before would come out after the program's words
    try:
        done = subprocess.run(
            list(command), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError as error:
        raise ToolMissingError(f"can't start `{command[0]}`: {error.strerror}") from error
    return done.returncode
