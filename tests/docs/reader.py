"""Somebody who types what a page says into a terminal, and compares what is shown.

What differs from one run to the next is compared by its kind alone: see `told`.
"""

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pexpect
import pyte

from tests.docs.pages import LEFT_OUT, Step, steps
from tests.service.run import hear_signals

_ROWS, _COLUMNS = 1000, 200
_ENDED = re.compile(r"@@(\d+) \$")
_PROMPT = re.compile(r"(\? .*?\?(?: \([^)]*\))?) ?(.*)")
_DOWN = "\x1b[B"
_POINTER = "»"
_TIMEOUT = 60  # seconds
# By this rule alone a page may differ from what is shown: commit ids, dates and times, ages, and
# how wide a column is that has one of them.
_ID = re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,40}\b")
_KINDS = (
    (_ID, "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[+-]\d\d:\d\d| UTC)?"), "<time>"),
    (re.compile(r"\b\d+ (?:s|min|h|d)\b"), "<age>"),
    (re.compile(r" {2,}"), "  "),
)


def told(line: str) -> str:
    """A line with what differs from run to run replaced by its kind."""
    for pattern, kind in _KINDS:
        line = pattern.sub(kind, line)
    return line.rstrip()


class _Screen(pyte.Screen):
    """What the terminal shows; it says where the cursor is when it is asked."""

    def __init__(self, terminal: "pexpect.spawn[str]") -> None:
        super().__init__(_COLUMNS, _ROWS)
        self._terminal = terminal

    def write_process_input(self, data: str) -> None:
        self._terminal.send(data)


class Reader:
    """A person at a terminal with bash in it."""

    def __init__(self, terminal: "pexpect.spawn[str]") -> None:
        self._terminal = terminal
        self._clear()

    def type(self, step: Step) -> tuple[int, list[str]]:
        """Type a command and what it asks for; how it ended, and the lines that it left."""
        self._clear()
        for line in step.command.splitlines():
            self._terminal.send(f"{line}\n")
        for number, line in enumerate(one for one in step.shows if one.startswith("? ")):
            self._answer(number, line)
        lines = self._until(self._ended)
        return _status(lines) or 0, lines[:-1]

    def _answer(self, number: int, line: str) -> None:
        """Answer the prompt of this number as the page's line does."""
        found = _PROMPT.fullmatch(line)
        assert found, f"no prompt: {line}"
        question, wanted = found.groups()
        prompt = self._until(lambda: self._prompt(number, question))
        if any(one.strip().startswith(_POINTER) for one in prompt):
            self._choose(wanted)
            return
        shown = prompt[0].removeprefix(question).strip()
        default = {"(Y/n)": "Yes", "(y/N)": "No"}.get(shown, shown)
        if default == wanted:
            keys = "\r"
        elif shown in {"(Y/n)", "(y/N)"}:
            keys = wanted[:1].lower()
        else:
            keys = f"{wanted}\r"
        self._terminal.send(keys)

    def _choose(self, wanted: str) -> None:
        """Go down to a choice."""
        choices = [one.strip() for one in self._shown()]
        start = next(at for at, one in enumerate(choices) if one.startswith(_POINTER))
        there = next(
            at for at, one in enumerate(choices)
            if at >= start and one.removeprefix(_POINTER).strip().startswith(wanted)
        )  # fmt: skip
        self._terminal.send(_DOWN * (there - start) + "\r")

    def _prompt(self, number: int, question: str) -> list[str] | None:
        """The lines from the prompt on, once it is drawn to its end."""
        lines = self._shown()
        prompts = [at for at, line in enumerate(lines) if line.startswith("? ")]
        if len(prompts) <= number or not lines[prompts[number]].startswith(question):
            assert _status(lines) is None, "\n".join(["it ended before it asked:", *lines])
            return None
        here = lines[prompts[number] :]
        pointed = any(one.strip().startswith(_POINTER) for one in here)
        return here if pointed or not self._screen.cursor.hidden else None

    def _ended(self) -> list[str] | None:
        lines = self._shown()
        return None if _status(lines) is None else lines

    def _until(self, wanted: Callable[[], list[str] | None]) -> list[str]:
        """Look at what comes until it is what is wanted."""
        while (found := wanted()) is None:
            try:
                self._stream.feed(self._terminal.read_nonblocking(65536, timeout=_TIMEOUT))
            except pexpect.TIMEOUT as error:
                raise AssertionError("nothing more came:\n" + "\n".join(self._shown())) from error
        return found

    def _shown(self) -> list[str]:
        """The lines of the screen, without those below the last one that has something."""
        rows = self._screen.buffer
        lines = [_text(rows[at]) for at in range(max(rows, default=-1) + 1)]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _clear(self) -> None:
        self._screen = _Screen(self._terminal)
        self._stream = pyte.Stream(self._screen)


def _text(row: Mapping[int, pyte.screens.Char]) -> str:
    return "".join(row[at].data for at in range(max(row, default=-1) + 1)).rstrip()


def _status(lines: Sequence[str]) -> int | None:
    """How the command ended, once the shell waits for the next one."""
    found = _ENDED.fullmatch(lines[-1]) if lines else None
    return int(found[1]) if found else None


def make_home(folder: Path) -> Path:
    """A user's home, with the program that is tested here."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin/scaffold"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m scaffold "$@"\n')
    program.chmod(0o755)
    return folder


@contextmanager
def reader_at(home: Path, folder: Path, path: str) -> Iterator[Reader]:
    """Somebody at a terminal who has this home, and nothing set that this process has set."""
    own = ("GIT_", "SCAFFOLD_", "PYTEST_", "XDG_", "CI", "NO_COLOR", "COLUMNS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    path = f"{home}/bin:{Path(sys.executable).parent}:{path or environment['PATH']}"
    environment |= {
        "HOME": str(home), "PATH": path, "TERM": "xterm", "LANG": "C.UTF-8", "PAGER": "cat",
        "PS1": "@@$? $ ", "PS2": "",
    }  # fmt: skip
    terminal: pexpect.spawn[str] = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "--noediting"], cwd=str(folder), env=environment,
        encoding="utf-8", dimensions=(_ROWS, _COLUMNS), echo=False, preexec_fn=hear_signals,
    )  # fmt: skip
    try:
        terminal.expect_exact("@@0 $ ")
        yield Reader(terminal)
    finally:
        terminal.close(force=True)


def follow(home: Path, page: str, folder: Path | None = None, path: str = "") -> None:
    """Type all that a page says, in order; each command has to show what the page shows.

    Where the page shows nothing, anything may come. It begins in `folder`, else at home, with the
    programs of `path`, else of this process. A command that ends with another status than 0 says
    so: an error is shown below it, or `echo $?` follows. For an id that the page showed before, the
    one that was shown here is typed.
    """
    todo = steps(page.replace("/home/ada", str(home)))
    ids: dict[str, str] = {}
    with reader_at(home, folder or home, path) as reader:
        for step, following in zip(todo, [*todo[1:], None], strict=True):
            status, lines = reader.type(_with_ids(step, ids))
            shown = "".join(f"{told(line)}\n" for line in lines)
            assert _fails(step, following) == (status != 0), f"$ {step.command}\n{shown}"
            wanted = "\n".join(["", *(told(line) for line in step.shows)])
            fits = not step.shows or re.fullmatch(_pattern(step), shown)
            assert fits, f"$ {step.command}{wanted}\n--- is:\n{shown}"
            ids |= _ids(step.shows, lines)


def _fails(step: Step, following: Step | None) -> bool:
    """Whether the page says that a command does."""
    asked = following is not None and following.command == "echo $?"
    return asked or any(line.startswith("error [") for line in step.shows)


def _with_ids(step: Step, ids: Mapping[str, str]) -> Step:
    return replace(step, command=_ID.sub(lambda one: ids.get(one[0], one[0]), step.command))


def _ids(page: Sequence[str], shown: Sequence[str]) -> dict[str, str]:
    """The ids of the page, and those that were shown in lines of the same words."""
    found: dict[str, str] = {}
    for line in page:
        same = next((one for one in shown if told(one) == told(line)), "")
        found |= dict(zip(_ID.findall(line), _ID.findall(same), strict=False))
    return found


def _pattern(step: Step) -> str:
    """What fits the output: lines as they are, but for what is left out."""
    parts = [
        r"(?:.*\n)*?" if line == LEFT_OUT
        else re.escape(told(line)).replace(re.escape(LEFT_OUT), ".*") + r"\n"
        for line in step.shows
    ]  # fmt: skip
    return "".join(parts)
