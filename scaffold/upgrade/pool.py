"""Work for several processes at a time: as much as keeps them busy, not the whole fleet at once."""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

# What waits in the pool beyond what is at work: enough to keep it busy, few enough that
# neither memory nor what is left to do on Ctrl-C grows with the fleet.
_AHEAD = 2
# After so many items each, all processes give way to new ones: what libraries keep of each repo,
# a few hundred bytes, and the memory that gets split up over time do not add up over a fleet.
# `max_tasks_per_child` would do that in the pool itself, but can wait for ever up to Python 3.11.
_ITEMS_A_PROCESS = 200
_PRELOADED = ["scaffold.upgrade.work", "scaffold.render.copying"]


def in_pool(
    work: Callable[[Item], Done], items: Iterable[Item], jobs: int
) -> Iterator[tuple[Item, Done]]:
    """Yield each item with what became of it, as they are done.

    `work` and all that is passed has to be picklable. Ctrl-C lets what is at work come to its end.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    waiting = iter(items)
    for first in waiting:
        some = chain([first], islice(waiting, jobs * _ITEMS_A_PROCESS - 1))
        with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
            yield from _all_of(some, work, pool, jobs + _AHEAD)


def _all_of(
    items: Iterator[Item], work: Callable[[Item], Done], pool: ProcessPoolExecutor, at_once: int
) -> Iterator[tuple[Item, Done]]:
    running: dict[Future[Done], Item] = {}
    try:
        while True:
            for item in islice(items, at_once - len(running)):
                running[pool.submit(work, item)] = item
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Begin a worker: only the main process decides what Ctrl-C means, and ends all if killed.

    Ctrl-C goes to the whole process group. A worker waits for more work for ever where the main
    process was killed: it holds the other end of that pipe itself. What it shares with the process
    it is forked from stays shared: collecting garbage would write to each object of it.
    """
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_main_process, daemon=True).start()


def _end_with_the_main_process() -> None:
    if (main := multiprocessing.parent_process()) is not None:
        main.join()
        os._exit(1)
