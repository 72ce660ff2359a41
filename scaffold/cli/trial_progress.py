"""How far the trials of a blueprint are, and which ones are at work, on standard error."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scaffold.cli.output import Printer

if TYPE_CHECKING:
    from scaffold.authoring.testing import Progress
    from scaffold.authoring.trials import Trial, Tried

SILENCE = 30.0
"""Seconds without a line after which it is said what is at work."""
_PLANNING = "reading the blueprint and its versions"
_MOST_NAMED = 3  # of those that are at work


class AtWork:
    """The trials that are at work, each since when, the oldest first."""

    def __init__(self) -> None:
        self._since: list[tuple[Trial | None, float]] = [(None, time.monotonic())]
        self._lock = threading.Lock()

    def planned(self) -> None:
        """The trials are known, so that what comes before them is done."""
        with self._lock:
            self._since.clear()

    def began(self, trial: "Trial") -> None:
        """A trial is at work."""
        with self._lock:
            self._since.append((trial, time.monotonic()))

    def done(self, tried: "Tried") -> None:
        """It is not any more."""
        with self._lock:
            self._since = [one for one in self._since if one[0] != tried.trial]

    @property
    def line(self) -> str:
        """What is at work, and for how long."""
        with self._lock:
            now, named = time.monotonic(), self._since[:_MOST_NAMED]
            rest = len(self._since) - len(named)
        words = [f"{_words(trial)} ({now - since:.0f} s)" for trial, since in named]
        return "; ".join([*words, f"{rest} more"] if rest else words)


def _words(trial: "Trial | None") -> str:
    if trial is None:
        return _PLANNING
    return trial.words if trial.what != "tests" else "the blueprint's own tests"


@contextmanager
def trial_progress(printer: Printer) -> "Iterator[Progress]":
    """A bar on a terminal; elsewhere a line a trial, and where none ends for long, one of those."""
    from scaffold.authoring.testing import Progress

    at_work = AtWork()
    if printer.quiet:
        yield Progress()
    elif sys.stderr.isatty():
        yield from _bar(at_work)
    else:
        with _heard(at_work) as told:
            yield told


@contextmanager
def _heard(at_work: AtWork) -> "Iterator[Progress]":
    from scaffold.authoring.testing import Progress

    news, over = threading.Event(), threading.Event()

    def done(tried: "Tried") -> None:
        at_work.done(tried)
        if tried.outcome != "not-run":  # the result tells why: the line alone says nothing
            sys.stderr.write(f"{tried.line}\n")
        news.set()

    def say() -> None:
        while not over.is_set():
            if not news.wait(SILENCE) and not over.is_set():
                sys.stderr.write(f"at work  {at_work.line}\n")
                sys.stderr.flush()
            news.clear()

    threading.Thread(target=say, daemon=True).start()
    try:
        yield Progress(planned=lambda _: at_work.planned(), began=at_work.began, done=done)
    finally:
        over.set()
        news.set()


def _bar(at_work: AtWork) -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    from scaffold.authoring.testing import Progress

    class Now(ProgressColumn):
        """What is at work, as far as it fits."""

        def render(self, task: Task) -> Text:  # noqa: ARG002 - it is rich's
            """The words of now, since the bar is drawn again and again."""
            return Text(at_work.line, no_wrap=True, overflow="ellipsis")

    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), Now())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Testing", total=None)

        def planned(number: int) -> None:
            at_work.planned()
            bar.update(task, total=number)

        def done(tried: "Tried") -> None:
            at_work.done(tried)
            bar.update(task, advance=1)
            if tried.outcome == "failed":
                bar.console.print(tried.line, markup=False, highlight=False)

        yield Progress(planned=planned, began=at_work.began, done=done)
