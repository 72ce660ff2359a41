"""Times whole processes, side by side, and prints what came out."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Benchmark"), ("EMAIL", "benchmark@example.com"))
}


@dataclass(frozen=True)
class Timing:
    """The wall times of one contestant, in seconds."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def line(self) -> str:
        """The median and the range, in one line."""
        return (
            f"{self.name:44} {self.median:8.3f} s"
            f"   {min(self.seconds):.3f} .. {max(self.seconds):.3f}"
        )


def run(
    command: Sequence[str], *, cwd: Path | None = None, extra: Mapping[str, str] | None = None
) -> str:
    """Run a whole process and return what it printed; a failure ends the benchmark."""
    environment = {**os.environ, **IDENTITY, **(extra or {})}
    done = subprocess.run(
        list(command), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


@contextmanager
def stopwatch(into: list[float]) -> Iterator[None]:
    """Add the wall time of the block to a list."""
    start = time.perf_counter()
    yield
    into.append(time.perf_counter() - start)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="scaffold-benchmark-") as folder:
        yield Path(folder)


def machine() -> str:
    """What the figures were measured on, in one line."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
