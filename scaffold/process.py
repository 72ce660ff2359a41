"""The one place that starts outside programs: bytes in, bytes out.

What they get of the environment is in `scaffold.programs`.
"""

import os
import select
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from types import FrameType

from scaffold.deadline import time_left
from scaffold.errors import ProcessFailedError, ToolMissingError
from scaffold.programs import CHECKS, environment

_LAST_LINES = 20
LIMIT = 600.0  # seconds that a program may take unless its caller says otherwise
LONG_LIMIT = 7200.0  # seconds for image builds and for a repo's own tests
_GRACE = 5.0  # seconds to clean up in, between being asked to end and being killed
_LOOKS = 10  # looks at a program within the time that it may be silent for
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
_groups: set[int] = set()  # the process groups of the programs that are at work
_session = False  # whether the session that we are in is our own


@dataclass(frozen=True)
class Silence:
    """How long a program may say nothing, in seconds: at first, and once it has said something."""

    first: float
    later: float


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
    timeout: float = LIMIT,
    silence: Silence | None = None,
) -> Finished:
    """Run a program to its end and return what it left; any exit status is a result.

    `env` is its whole environment, by default that of the programs that check files. It may take
    `timeout` seconds, and be silent for as long as `silence` says, if that is given.
    Raises ToolMissingError where it can't be started, ProcessFailedError where it takes too long,
    TimeUpError where the time is up that the work as a whole may take.
    """
    given = environment(CHECKS) if env is None else env
    with started(command, cwd, given, stdin=PIPE, output=PIPE) as child:
        stdout, stderr = _hear(child, Path(command[0]).name, stdin, timeout, silence)
    return Finished(child.returncode, stdout, stderr)


def stream(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float = LONG_LIMIT
) -> int:
    """Run a program with our own standard output and error, and return its exit status.

    Raises ToolMissingError where it can't be started, ProcessFailedError after `timeout` seconds.
    """
    sys.stdout.flush()  # or what was said before would come out after the program's words
    with started(command, cwd, env, stdin=DEVNULL, output=None) as child:
        _hear(child, Path(command[0]).name, None, timeout, None)
    return int(child.returncode)


class Program(Popen[bytes]):
    """A program whose end the system tells of, where it can: Popen sleeps and looks in turn."""

    def wait(self, timeout: float | None = None) -> int:
        """See Popen."""
        if timeout is not None and self.returncode is None:
            with suppress(AttributeError, OSError):  # not on Linux, or it is gone already
                handle = os.pidfd_open(self.pid)
                try:
                    ended = select.poll()
                    ended.register(handle, select.POLLIN)
                    ended.poll(max(timeout, 0.0) * 1000)
                finally:
                    os.close(handle)
        return super().wait(timeout)


def kill_all() -> None:
    """Kill all programs that are at work, and all that they started: for our own end at once."""
    for group in tuple(_groups):
        _signal(group, signal.SIGKILL)


def begin_session() -> None:
    """Begin a session of our own, without a terminal, which all programs will be in.

    So whoever knows our number can end them, even after we were killed: see `kill_session`.
    """
    global _session
    os.setsid()
    _session = True


def kill_session(leader: int) -> None:
    """Kill all that is left of a session. What is in it only Linux tells; elsewhere it goes on."""
    while left := [process for process in map(int, _numbers()) if _session_of(process) == leader]:
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _numbers() -> Iterator[str]:
    processes = Path("/proc")
    return (one.name for one in processes.glob("[0-9]*"))


def _session_of(process: int) -> int | None:
    """The session of a process that is at work."""
    with suppress(OSError):
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        state, _parent, _group, session = told.rpartition(") ")[2].split()[:4]
        return None if state in "ZX" else int(session)
    return None


@contextmanager
def started(
    command: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str],
    *,
    stdin: int = DEVNULL,
    output: int | None = PIPE,
) -> Iterator[Program]:
    """A program at work; where the caller does not wait for its end, it is ended.

    In a session without a terminal: it can't ask anything there, and Ctrl-C is not its business. In
    a group of its own: what it starts can be ended with it. A git that is killed alone leaves
    git-remote-https or ssh behind, which holds the other end of the pipes.
    """
    let_signals_in = _hold_signals_back()
    try:
        child = Program(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=stdin,
            stdout=output,
            stderr=output,
            **({"process_group": 0} if _session else {"start_new_session": True}),
        )
    except BaseException as error:
        let_signals_in()
        if isinstance(error, FileNotFoundError):
            raise ToolMissingError(f"can't start `{command[0]}`: {error.strerror}") from error
        raise
    try:
        _groups.add(child.pid)
        with child:
            try:
                let_signals_in()
                yield child
            except BaseException:
                end(child)
                raise
    finally:
        _groups.discard(child.pid)


@contextmanager
def unbroken() -> Iterator[None]:
    """Let no Ctrl-C break in: what is done here is known of to whoever undoes it afterwards."""
    let_signals_in = _hold_signals_back()
    try:
        yield
    finally:
        let_signals_in()


def _hold_signals_back() -> Callable[[], None]:
    """Keep signals that we handle from breaking in until what is returned is called.

    Ctrl-C between a program's begin and our knowing of it would leave it behind. Only the main
    thread is ever broken in on; and what is started gets none of our handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    came: list[tuple[int, FrameType | None]] = []
    handlers = {one: found for one in _HELD if callable(found := signal.getsignal(one))}
    for one in handlers:
        signal.signal(one, lambda number, frame: came.append((number, frame)))

    def let_in() -> None:
        # The system holds them back here; what is started would inherit that, and keep it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, handlers)
        for one, handler in handlers.items():
            signal.signal(one, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        while came:
            number, frame = came.pop(0)
            handlers[signal.Signals(number)](number, frame)

    return let_in


def end(child: Program) -> None:
    """Ask a program to end, which lets git remove its locks; then make all of its group end."""
    _signal(child.pid, signal.SIGTERM)
    try:
        child.wait(_GRACE)
    except TimeoutExpired:
        pass
    finally:
        _signal(child.pid, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a dead group
        os.killpg(group, number)


def _hear(
    child: Program, name: str, stdin: bytes | None, timeout: float, silence: Silence | None
) -> tuple[bytes, bytes]:
    """What a program says until its end. Raises ProcessFailedError, TimeUpError."""
    until = time.monotonic() + timeout
    look = timeout if silence is None else min(silence.first, silence.later) / _LOOKS
    heard, last = 0, time.monotonic()
    while True:
        wait = time_left(max(0.0, until - time.monotonic()), name)
        try:
            return child.communicate(stdin, min(wait, look))
        except TimeoutExpired as expired:
            stdin = None  # what is left of it is not lost: `communicate` keeps it
            said = len(expired.output or b"") + len(expired.stderr or b"")
        now = time.monotonic()
        if said > heard:
            heard, last = said, now
        patience = None if silence is None else silence.later if heard else silence.first
        if patience is not None and now - last >= patience:
            raise _too_long(f"`{name}` said nothing for {patience:g} s")
        if now >= until:
            raise _too_long(f"`{name}` did not end within {timeout:g} s")


def _too_long(what: str) -> ProcessFailedError:
    return ProcessFailedError(
        what, hint="Try again; if it stays so, run the command by hand to see what it waits for."
    )
