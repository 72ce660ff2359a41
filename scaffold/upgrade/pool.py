"""A pool of worker processes that survives the death of one: only the item that it had is lost.

Each worker has a pipe of its own, so that none waits for a lock that a killed one held. No library
does this: concurrent.futures and loky give up all work when one process is killed, and the
processes of pebble share a pipe, whose lock is lost with a process that is killed while it writes.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Generic, TypeVar

from scaffold.errors import FileError, ScaffoldError, WorkLostError
from scaffold.git.access import Access, known_accesses, use_access
from scaffold.git.faults import explained
from scaffold.git.scratch import run_folder
from scaffold.limits import OverTimeError, limit_memory, limited
from scaffold.process import begin_session, kill_all, kill_session

Item = TypeVar("Item")
Done = TypeVar("Done")

# items; then a new process takes over, so that libraries' caches (a few hundred bytes a repo) and
# fragmented memory do not add up over a fleet
_ITEMS_A_PROCESS = 200
_SECONDS = 30 * 60.0  # for one item
_MEMORY = 2 * 2**30  # bytes, for one process, and for each program that it starts
_SOCKET = "listener-12345678"  # multiprocessing's name for it
_LONGEST_SOCKET = 103  # bytes, on macOS; 107 on Linux
_UPGRADE = ("scaffold.upgrade.work", "scaffold.render.copying")


def in_pool(
    work: Callable[[Item], Done],
    items: Iterable[Item],
    jobs: int,
    preload: Sequence[str] = _UPGRADE,
) -> Iterator[tuple[Item, Done | ScaffoldError]]:
    """Yield each item with its result, or with the error that it ended in, as it is done.

    `preload` are modules that `work` needs, which are then imported once for all processes.
    An item that takes too much time or memory, or whose process is killed, ends in WorkLostError.
    `work` and all that is passed has to be picklable. After Ctrl-C, items in progress are finished.
    Raises FileError where TMPDIR is not writable, or its path is too long.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preload])
    _keep_its_socket_in(run_folder())
    waiting = iter(items)
    idle: list[_Worker[Item, Done]] = []
    busy: list[_Worker[Item, Done]] = []
    try:
        while True:
            for item in islice(waiting, jobs - len(busy)):
                busy.append(_free(idle) or _Worker(context, work))
                busy[-1].begin(item)
            if not busy:
                return
            for worker in _with_news(busy):
                done = worker.answer()
                busy.remove(worker)
                idle.append(worker)
                yield worker.item, done
    finally:
        for worker in [*idle, *busy]:
            worker.end()


def _keep_its_socket_in(folder: Path) -> None:
    """Make multiprocessing use this folder itself: the path of a socket must be short.

    It has no public option for that, and its error does not say what to do.
    """
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET:
        raise FileError(
            "is too long a name of a folder for temporary files: a socket's may have"
            f" {_LONGEST_SOCKET} bytes",
            where=str(folder),
            hint="Set TMPDIR to a folder with a shorter name.",
        )
    # See `multiprocessing.util.get_temp_dir`.
    multiprocessing.process.current_process()._config["tempdir"] = str(folder)  # type: ignore[attr-defined]  # noqa: SLF001


def alone(work: Callable[[Item], Done], item: Item) -> Done | ScaffoldError:
    """The result of an item in this process, within the same limits; Ctrl-C stops it."""
    try:
        with limited(seconds=_SECONDS, memory=_MEMORY):
            return work(item)
    except OverTimeError:
        return WorkLostError(_too_long())
    except Exception as error:  # noqa: BLE001 - as in a process of its own
        return explained(error)


def _free(idle: "list[_Worker[Item, Done]]") -> "_Worker[Item, Done] | None":
    """Take a worker that can work on; end those that can't."""
    while idle:
        worker = idle.pop()
        if worker.goes_on:
            return worker
        worker.end()
    return None


def _with_news(busy: "list[_Worker[Item, Done]]") -> "list[_Worker[Item, Done]]":
    """Wait for workers that have an answer, were killed, or are out of time."""
    first = min(worker.deadline for worker in busy)
    answered = wait([worker.pipe for worker in busy], max(0.0, first - time.monotonic()))
    now = time.monotonic()
    return [worker for worker in busy if worker.pipe in answered or worker.deadline <= now]


class _Worker(Generic[Item, Done]):
    """A worker process, and its current item."""

    item: Item

    def __init__(self, context: ForkServerContext, work: Callable[[Item], Done]) -> None:
        self.pipe, theirs = context.Pipe()
        self.deadline = time.monotonic() + _SECONDS
        self._process = context.Process(
            target=_serve, args=(work, theirs, known_accesses()), daemon=True
        )
        self._process.start()
        theirs.close()
        self._left = _ITEMS_A_PROCESS

    @property
    def goes_on(self) -> bool:
        """Whether it can take another item; a pipe that is readable after an answer was closed."""
        return self._left > 0 and not self.pipe.poll()

    def begin(self, item: Item) -> None:
        """Give it an item."""
        self.item = item
        self.deadline = time.monotonic() + _SECONDS
        self._left -= 1
        with suppress(OSError):  # it was killed meanwhile; no answer will come
            self.pipe.send(item)

    def answer(self) -> Done | ScaffoldError:
        """The result of its item; a process without an answer is ended."""
        why = _too_long()
        try:
            if self.pipe.poll():
                done: Done | ScaffoldError = self.pipe.recv()
                return done
        except (EOFError, OSError):
            self._process.join()
            why = f"the process that worked on it {_ended(self._process.exitcode)}"
        self._left = 0
        self._kill()
        return WorkLostError(
            why,
            hint="Is something of it very large? The system kills what it has no memory for:"
            " fewer --jobs need less.",
        )

    def end(self) -> None:
        """Let it finish its item, if that is in time."""
        self.pipe.close()
        self._process.join(max(0.0, self.deadline - time.monotonic()))
        if self._process.is_alive():
            self._kill()

    def _kill(self) -> None:
        """Kill it and the programs that it started, whether it is alive or not."""
        self._process.kill()
        self._process.join()
        if (session := self._process.pid) is not None:
            kill_session(session)


def _too_long() -> str:
    return f"was not done within {_SECONDS / 60:g} minutes"


def _ended(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended with status {status}"


# --- In the worker ----------------------------------------------------------------------


def _serve(work: Callable[[Any], Any], pipe: Connection, accesses: Sequence[Access]) -> None:
    """Work on items from the pipe, until the other end is closed."""
    _begin()
    for access in accesses:
        use_access(access)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            pipe.send_bytes(_answer(work, pipe.recv()))


def _answer(work: Callable[[Any], Any], item: object) -> bytes:
    try:
        return pickle.dumps(work(item))
    except Exception as error:  # noqa: BLE001 - a fault that one item brings out is its own
        return pickle.dumps(explained(error))


def _begin() -> None:
    """Set up a worker: the main process alone handles Ctrl-C, and ends the workers if killed.

    A terminal sends Ctrl-C to all processes of its session. The garbage collector is frozen, since
    collecting would write to each object that is shared with the parent process.
    """
    gc.freeze()
    begin_session()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(_MEMORY)
    threading.Thread(target=_end_with_the_main_process, daemon=True).start()


def _end_with_the_main_process() -> None:
    if (main := multiprocessing.parent_process()) is not None:
        main.join()
        kill_all()
        os._exit(1)
