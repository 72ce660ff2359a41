"""Work for several processes: all of it, once each, and none of them for ever."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

from scaffold.errors import ForgeError, ScaffoldError, WorkLostError
from scaffold.git import access
from scaffold.git.access import Access, known_accesses, use_access
from scaffold.process import run
from scaffold.upgrade import pool
from scaffold.upgrade.pool import alone, in_pool

_HARMED = 5  # the item that comes to harm in the tests below


def _square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def _well(
    done: Iterable[tuple[int, tuple[int, int] | ScaffoldError]],
) -> list[tuple[int, int, int]]:
    """Each item with its square and the process that worked on it."""
    found = []
    for item, what in done:
        assert not isinstance(what, ScaffoldError)
        found.append((item, *what))
    return sorted(found)


@pytest.mark.parametrize("items", [0, 1, 5, 12, 13])
def test_each_item_is_worked_on_once(items: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not processes are replaced on the way."""
    monkeypatch.setattr(pool, "_ITEMS_A_PROCESS", 3)

    done = _well(in_pool(_square, range(items), 2))

    assert [(n, n * n) for n in range(items)] == [(n, square) for n, square, _ in done]


def _accesses(_item: int) -> list[tuple[str, str]]:
    return [(one.url, one.token) for one in known_accesses()]


def test_a_process_reaches_the_servers_that_its_starter_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it works on: also where no forge is named for that."""
    monkeypatch.setattr(access, "_accesses", {})
    use_access(Access("https://git.example.com", "ann", "s3cret"))

    assert [(1, [("https://git.example.com", "s3cret")])] == list(in_pool(_accesses, [1], 1))


def test_no_process_works_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What libraries keep in it of each repo ends with it."""
    monkeypatch.setattr(pool, "_ITEMS_A_PROCESS", 3)

    processes = [process for _, _, process in _well(in_pool(_square, range(24), 2))]

    assert len(set(processes)) >= 8
    assert 3 == max(processes.count(one) for one in processes)
    assert os.getpid() not in processes


def test_items_are_taken_as_they_are_needed() -> None:
    """Of a large fleet nothing is made before its turn."""
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    for seen, _ in enumerate(in_pool(_square, items(), 2)):
        assert len(made) <= seen + 2


# --- What comes to harm -----------------------------------------------------------------


class _KilledAsItIsPickled:
    def __reduce__(self) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class _TooLargeToPickle:
    def __reduce__(self) -> tuple[type, tuple[bytes]]:
        return bytes, (bytes(3 * 2**30),)


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed_in_its_answer() -> object:
    return _KilledAsItIsPickled()


def _crashes() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _leaves() -> None:
    os._exit(3)


def _takes_too_much_memory() -> int:
    return len(bytes(3 * 2**30))


def _gives_too_large_an_answer() -> object:
    return _TooLargeToPickle()


def _gives_what_can_not_be_pickled() -> object:
    return lambda: None


def _fails() -> None:
    raise ForgeError("can't be reached", where="file:///x", hint="Try again.")


def _breaks() -> None:
    raise KeyError("x")


class _Harm:
    """Work that does harm to itself at one item."""

    def __init__(self, harm: Callable[[], object]) -> None:
        self.harm = harm

    def __call__(self, number: int) -> object:
        return self.harm() if number == _HARMED else number * number


@pytest.mark.parametrize(
    ("harm", "reference", "said"),
    [
        (_killed, "work-lost", "the process that worked on it was killed (SIGKILL)"),
        (_killed_in_its_answer, "work-lost", "the process that worked on it was killed (SIGKILL)"),
        (_crashes, "work-lost", "the process that worked on it was killed (SIGSEGV)"),
        (_leaves, "work-lost", "the process that worked on it ended with status 3"),
        (_takes_too_much_memory, "work-lost", "needs more memory than it may have"),
        (_gives_too_large_an_answer, "work-lost", "needs more memory than it may have"),
        (_fails, "forge-failed", "file:///x: can't be reached"),
        (_breaks, "unexpected", "KeyError: 'x'"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_only_what_comes_to_harm_is_lost(
    harm: Callable[[], object], reference: str, said: str, jobs: int
) -> None:
    """All other items are done, whoever was at work beside it."""
    done = dict(in_pool(_Harm(harm), range(20), jobs))
    lost = done.pop(_HARMED)

    assert {number: number * number for number in range(20) if number != _HARMED} == done
    assert isinstance(lost, ScaffoldError)
    assert (reference, said) == (lost.reference, str(lost))


def test_an_answer_that_can_not_be_sent_is_an_error() -> None:
    """And nobody waits for it."""
    done = dict(in_pool(_Harm(_gives_what_can_not_be_pickled), range(_HARMED + 1), 1))

    assert isinstance(done[_HARMED], ScaffoldError)


def test_all_may_come_to_harm() -> None:
    """There is an end, and each item is told."""
    done = dict(in_pool(_kill_the_process, range(7), 2))

    assert [WorkLostError] * 7 == [type(done[number]) for number in range(7)]


def _kill_the_process(_: int) -> None:
    _killed()


def test_a_process_that_is_killed_between_two_items_costs_none() -> None:
    """Another one takes the next item."""
    done: list[tuple[int, int]] = []

    def items() -> Iterator[int]:
        yield 3
        (_, first) = done[0]
        os.kill(first, signal.SIGKILL)
        while Path(f"/proc/{first}").exists():  # with all of its threads
            os.sched_yield()
        yield 4

    for _, found in in_pool(_square, items(), 1):
        assert not isinstance(found, ScaffoldError)
        done.append(found)

    assert [9, 16] == [square for square, _ in done]


def _starts_a_program_that_does_not_end(file: Path) -> None:
    run(["sh", "-c", f"echo $$ >{file}.made; mv {file}.made {file}; exec sleep infinity"])


def _waits_for(file: Path) -> None:
    while not file.exists():
        os.sched_yield()


def _is_running(process: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    return False


def _first_ends_never(item: tuple[int, Path]) -> None:
    number, file = item
    (_waits_for if number else _starts_a_program_that_does_not_end)(file)


def test_what_is_out_of_time_is_ended_with_its_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git that hangs does not go on once its process is gone."""
    file = tmp_path / "program"
    # The half hour is over as soon as the program is there, which the second item tells.
    clock = SimpleNamespace(monotonic=lambda: 1801.0 if file.exists() else 0.0)
    monkeypatch.setattr(pool, "time", clock)

    done = dict(in_pool(_first_ends_never, [(0, file), (1, file)], 2))

    assert {(0, file), (1, file)} == done.keys()
    assert "was not done within 30 minutes" == str(done[0, file])
    assert done[1, file] is None
    assert not _is_running(int(file.read_text()))


def test_alone_the_same_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs no other process has no more memory, and no more time at work."""
    monkeypatch.setattr(pool, "_SECONDS", 0.1)

    def endless(_: int) -> None:
        while True:
            pass

    assert "was not done within 0.00166667 minutes" == str(alone(endless, 1))
    assert "needs more memory than it may have" == str(alone(lambda _: _takes_too_much_memory(), 1))
    assert 4 == alone(lambda number: number * number, 2)
