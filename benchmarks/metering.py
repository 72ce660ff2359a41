"""What a contestant takes while it runs: wall time, CPU and memory, its children included.

A contestant may leave children behind that end after it (the server that forks the processes of a
pool does), and their CPU would be lost: so the benchmark adopts them and waits for them, too.

Memory is the sum of the proportional set sizes of all processes of the contestant, in which a page
that several share counts once. It is looked at four times a second, and a process counts with the
less of two looks in a row: one that a look meets between fork and exec has all that its parent has.
So a peak of less than half a second may be missed. Linux alone has all this.
"""

import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.timing import IDENTITY

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
_EVERY = 0.25  # seconds between two looks at the memory


@dataclass
class Meter:
    """What has been taken so far; `peak` is in bytes, of all processes and of the `largest` one."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    largest: int = 0
    load: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        extra: Mapping[str, str] | None = None,
        fine: Sequence[int] = (0,),
    ) -> bytes:
        """Run a whole process, count what it took, and return what it printed.

        An exit status that is not `fine` ends the benchmark.
        """
        environment = {**os.environ, **IDENTITY, **(extra or {})}
        with subprocess.Popen(
            list(command), cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            printed = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self._add(usage.ru_utime + usage.ru_stime)
        if process.returncode not in fine:
            said = printed.decode("utf-8", "replace")[-4000:]
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
        return printed

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time the block, and watch the memory of what it starts."""
        adopt_orphans()
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        start = time.perf_counter()
        watch.start()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - start
            self.load = os.getloadavg()[0]
            ended.set()
            watch.join()
            self._wait_for_orphans()

    def _add(self, cpu: float) -> None:
        with self._lock:
            self.cpu += cpu

    def _wait_for_orphans(self) -> None:
        with suppress(ChildProcessError):
            while True:
                _, _, usage = os.wait4(-1, 0)
                self._add(usage.ru_utime + usage.ru_stime)

    def _watch(self, ended: threading.Event) -> None:
        before: dict[int, int] = {}
        while not ended.wait(_EVERY):
            now = memory_below(os.getpid())
            held = [min(size, before[one]) for one, size in now.items() if one in before]
            self.peak = max(self.peak, sum(held))
            self.largest = max(self.largest, *held, 0)
            before = now


def adopt_orphans() -> None:
    """Let this process be the parent of what its children leave behind."""
    if ctypes.CDLL(None, use_errno=True).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0):
        raise SystemExit("this benchmark needs Linux: prctl failed")


def memory_below(process: int) -> dict[int, int]:
    """The proportional set size, in bytes, of each process below one."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it may have ended
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                parent = int(stat.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(folder.name))
    found: dict[int, int] = {}
    waiting = list(children.get(process, ()))
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, ())
        found[one] = _proportional(one)
    return found


def _proportional(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
