"""The one place that starts outside programs: bytes in, bytes out.

What they get of the environment is in `scaffold.programs`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import ProcessFailedError, ToolMissingError
from scaffold.programs import CHECKS, environment

_LAST_LINES = 20


@dataclass(frozen=True)
class Finished:
    """What a program left behind: its exit status and what it printed."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are not UTF-8 are replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def last_lines(self) -> list[str]:
        """The end of what the program said, for an error's details."""
        said = (self.stderr or self.stdout).decode("utf-8", "replace")
        return said.strip().splitlines()[-_LAST_LINES:]


def find_program(*names: str) -> str | None:
    """The path of the first of these programs that is installed, or None.

    Some come as Python wheels, which put them beside the interpreter, on the PATH or not.
    """
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), beside])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    return None


def need_program(name: str, hint: str) -> str:
    """Like `find_program`, for a program that the command can't do without.

    Raises ToolMissingError, with `hint` saying how to get it.
    """
    if found := find_program(name):
        return found
    raise ToolMissingError(f"the program `{name}` is not installed", hint=hint)


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> Finished:
    """Run a program to its end and return what it left; any exit status is a result.

    `env` is its whole environment, by default that of the programs that check files; `timeout` is
    in seconds.
    Raises ToolMissingError where it can't be started, ProcessFailedError on a time-out.
    """
    try:
        done = subprocess.run(
            list(command),
            cwd=cwd,
            env=dict(environment(CHECKS) if env is None else env),
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolMissingError(f"can't start `{command[0]}`: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ProcessFailedError(
            f"`{Path(command[0]).name}` did not end within {timeout:g} s",
            hint="Try again; if it stays so, run the command by hand to see what it waits for.",
        ) from error
    return Finished(done.returncode, done.stdout, done.stderr)


def stream(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run a program with our own standard output and error, and return its exit status.

    Raises ToolMissingError where it can't be started.
    """
    sys.stdout.flush()  # or what was said before would come out after the program's words
    try:
        done = subprocess.run(
            list(command), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError as error:
        raise ToolMissingError(f"can't start `{command[0]}`: {error.strerror}") from error
    return done.returncode
