"""Work for several processes: all of it, once each, and none of them for ever."""

import os

import pytest

from scaffold.upgrade import pool
from scaffold.upgrade.pool import in_pool


def _square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("items", [0, 1, 5, 12, 13])
def test_each_item_is_worked_on_once(items: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not processes are replaced on the way."""
    monkeypatch.setattr(pool, "_ITEMS_A_PROCESS", 3)

    done = list(in_pool(_square, range(items), 2))

    assert [(n, n * n) for n in range(items)] == sorted((n, square) for n, (square, _) in done)


def test_no_process_works_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What libraries keep in it of each repo ends with it."""
    monkeypatch.setattr(pool, "_ITEMS_A_PROCESS", 3)

    processes = [process for _, (_, process) in in_pool(_square, range(24), 2)]

    assert len(set(processes)) >= 4
    assert max(processes.count(one) for one in processes) <= 6
    assert os.getpid() not in processes


def test_items_are_taken_as_they_are_needed() -> None:
    """Of a large fleet nothing is made long before its turn."""
    made: list[int] = []

    def items() -> list[int]:
        made.append(len(made))
        return [made[-1]]

    for seen, _ in enumerate(in_pool(_square, (one for _ in range(50) for one in items()), 2)):
        assert len(made) <= seen + 6
