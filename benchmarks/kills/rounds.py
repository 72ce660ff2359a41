"""A round: a command is killed at some moment while somebody else is at work, and run again."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.kills.ends import End, end_of
from benchmarks.kills.ground import Done, Ground

Actor = Callable[[Ground, random.Random], None]
_TRIES = 5
# What no command may ever say.
_FAULTS = ("Traceback", "fault of scaffold", "unexpected")


@dataclass(frozen=True)
class Command:
    """A command that is killed, and the second actors that are at work meanwhile.

    `prepare` makes the state that each round starts with. `over` is what a run says that finds
    everything done, where its exit status is not 0.
    """

    name: str
    words: tuple[str, ...]
    actors: dict[str, Actor]
    prepare: Callable[[Ground], None]
    over: str = ""


@dataclass(frozen=True)
class Round:
    """What became of it: whether the kill met a run (`effective`), and what went wrong (`said`).

    `seconds` is how long the run took, up to the kill where that met it.
    """

    effective: bool
    seconds: float
    tries: int
    said: tuple[str, ...]
    end: End


def length(ground: Ground, command: Command) -> float:
    """How long an undisturbed run takes, in seconds."""
    ground.bring_back(command.name)
    start = time.monotonic()
    ground.scaffold(*command.words)
    return time.monotonic() - start


def undisturbed(ground: Ground, command: Command, actor: str, *, first: bool) -> Round:
    """A run that nobody kills; the second actor's work is done before it (`first`) or after it."""
    ground.bring_back(command.name)
    said: list[str] = []
    dice = random.Random(0)  # noqa: S311 - nothing secret
    if first:
        command.actors[actor](ground, dice)
    tries = _to_the_end(ground, command, said)
    if not first:
        command.actors[actor](ground, dice)
    _settle(ground, command, said)
    return Round(False, 0.0, tries, tuple(said), end_of(ground))


def killed(ground: Ground, command: Command, actor: str, after: float, seed: int) -> Round:
    """A run that is killed after so many seconds, and run again to its end."""
    ground.bring_back(command.name)
    said: list[str] = []
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    with _at_work(ground, command.actors[actor], dice, said):
        start = time.monotonic()
        effective = _kill(ground, command, after)
        seconds = time.monotonic() - start
        tries = _to_the_end(ground, command, said)
    _settle(ground, command, said)
    return Round(effective, seconds, tries, tuple(said), end_of(ground))


@contextmanager
def _at_work(ground: Ground, actor: Actor, dice: random.Random, said: list[str]) -> Iterator[None]:
    def work() -> None:
        try:
            actor(ground, dice)
        except SystemExit as error:
            said.append(f"the second actor: {error}")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _kill(ground: Ground, command: Command, after: float) -> bool:
    """Start a run, and kill it with all its processes; whether it was still at work."""
    with subprocess.Popen(
        [sys.executable, "-m", "scaffold", *command.words],
        cwd=ground.root, env=ground.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return True
        return False


def _to_the_end(ground: Ground, command: Command, said: list[str]) -> int:
    """Run it until it says that it is done, as a person would; return how often that was."""
    for number in range(1, _TRIES + 1):
        done = ground.scaffold(*command.words)
        said += _faults(done)
        if _is_over(command, done):
            return number
        time.sleep(0.2)
    said.append(f"not done after {_TRIES} runs: {done.stderr.strip() or done.stdout.strip()}")
    return _TRIES


def _settle(ground: Ground, command: Command, said: list[str]) -> None:
    """Let the command and the bot see what the second actor did last."""
    for _ in range(2):
        done = ground.scaffold(*command.words)
        said += _faults(done)
        if not _is_over(command, done):
            said.append(f"run again: {done.stderr.strip() or done.stdout.strip()}")
        said += ground.rest()


def _is_over(command: Command, done: Done) -> bool:
    return done.returncode == 0 or bool(command.over and command.over in done.stdout + done.stderr)


def _faults(done: Done) -> list[str]:
    text = done.stdout + done.stderr
    return [f"it said `{word}`: {text[-2000:]}" for word in _FAULTS if word in text]
