"""Rendered files of shell, which bash reads without running anything of them."""

import re
from pathlib import PurePosixPath

from scaffold.process import find_program, run
from scaffold.programs import CHECKS, environment

BASH = "bash"
_SUFFIXES = (".bash", ".sh")
_FIRST_LINE = re.compile(r"#!\s*\S*/(?:env\s+(?:-S\s+)?)?(?P<shell>[\w.-]+)")
_READ_BY_BASH = frozenset({"ash", "bash", "dash", "ksh", "sh"})
_SAID = re.compile(r"line (?P<line>[0-9]+): (?P<why>.+)")


def is_shell(path: str, text: str) -> bool:
    """Whether a file is shell that bash reads, by its first line, else by its name."""
    if first := _FIRST_LINE.match(text):
        return first["shell"] in _READ_BY_BASH
    return PurePosixPath(path).suffix in _SUFFIXES


def shell_problem(text: str) -> tuple[int, str] | None:
    """The line, and what is wrong there; None where nothing is, or where there is no bash."""
    program = find_program(BASH)
    if program is None:
        return None
    done = run(
        [program, "--norc", "--noprofile", "-n"],
        stdin=text.encode(),
        env=environment(CHECKS, {"LC_ALL": "C"}),
    )
    if done.status == 0:
        return None
    said = _SAID.search(done.stderr.decode("utf-8", "replace"))
    return (int(said["line"]), said["why"]) if said else (1, "bash can't read it")
