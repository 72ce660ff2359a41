"""Programs behind stand-ins that note how they are started, and then do their work as ever."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# A shell sets these itself.
_SHELLS_OWN = frozenset({"OLDPWD", "PWD", "SHLVL", "_"})


@dataclass(frozen=True)
class Started:
    """One start of a program: its name, its arguments and its environment."""

    name: str
    arguments: tuple[str, ...]
    variables: dict[str, str]

    def __str__(self) -> str:
        return shlex.join([self.name, *self.arguments])


class StandIns:
    """The stand-ins of one test, in a folder that is to come first on a PATH."""

    def __init__(self, folder: Path) -> None:
        self._notes = folder / "notes"
        self._notes.mkdir(parents=True)
        self._bin = folder / "bin"
        self._bin.mkdir()

    @property
    def path(self) -> str:
        """The PATH with them."""
        return os.pathsep.join([str(self._bin), os.environ["PATH"]])

    def note(self, *names: str) -> None:
        """Put stand-ins before programs that are installed."""
        for name in names:
            # As `find_program` does: some come as Python wheels, beside the interpreter.
            found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
            assert found, f"{name} is not installed"
            self.put(name, f'exec {shlex.quote(found)} "$@"')

    def put(self, name: str, then: str) -> None:
        """Put a stand-in for a program that does something else, as a line of shell."""
        noted = f"{shlex.quote(str(self._notes))}/{name}.XXXXXXXX"
        file = self._bin / name
        file.write_text(
            f"#!/bin/sh\nn=$(/usr/bin/mktemp {noted})\n"
            f"""printf '%s\\0' "$0" "$@" > "$n.arguments"\n"""
            f'/usr/bin/env -0 > "$n.variables"\n{then}\n'
        )
        file.chmod(0o755)

    @property
    def started(self) -> Sequence[Started]:
        """All starts until now."""
        return [_read(file) for file in sorted(self._notes.glob("*.arguments"))]


def _read(file: Path) -> Started:
    _, *words = file.read_text(errors="replace").split("\0")[:-1]
    pairs = file.with_suffix(".variables").read_text(errors="replace").split("\0")[:-1]
    variables = dict(pair.split("=", 1) for pair in pairs)
    kept = {name: value for name, value in variables.items() if name not in _SHELLS_OWN}
    return Started(file.name.split(".")[0], tuple(words), kept)
