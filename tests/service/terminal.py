"""A person at a pseudo-terminal, who is asked things."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect

from tests.service.run import hear_signals

Terminal = pexpect.spawn  # a process behind a pseudo-terminal
Start = Callable[[Path, str], "Terminal[str]"]
DOWN = "\x1b[B"


def terminals() -> Iterator[Start]:
    """A function that starts a command in a folder, in a terminal of its own."""
    started: list[Terminal[str]] = []

    def run(folder: Path, command: str) -> "Terminal[str]":
        terminal: Terminal[str] = pexpect.spawn(
            sys.executable, ["-m", "scaffold", *command.split()],
            cwd=str(folder), timeout=180, encoding="utf-8", dimensions=(50, 80),
            preexec_fn=hear_signals,
        )  # fmt: skip
        started.append(terminal)
        return terminal

    yield run
    for terminal in started:
        terminal.close(force=True)


def end(terminal: "Terminal[str]") -> int | None:
    """Wait for the end and return the exit status."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus


def answer(terminal: "Terminal[str]", question: str, keys: str = "") -> None:
    """Wait for a question, then type and press enter."""
    terminal.expect_exact(question)
    terminal.send(f"{keys}\r")


def answer_cursor_request(terminal: "Terminal[str]") -> None:
    """Tell where the cursor is, as real terminals do; without it nothing is shown below a line."""
    terminal.expect_exact("\x1b[6n")
    terminal.send("\x1b[2;1R")
