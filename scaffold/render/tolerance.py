"""Renders that go on after a fault, so that all faults of a template can be told at once.

Only lint renders so: what is rendered is not whole. A file that fails is left out and told; of the
extensions that a template names, those that can't be loaded are left out, and whatever filter or
test is not known then leaves its value as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FileFault:
    """A file of a template that can't be rendered: its path in the template, and why."""

    path: str
    error: Exception


_faults: ContextVar[list[FileFault] | None] = ContextVar("_faults", default=None)


@contextmanager
def tolerant() -> Iterator[list[FileFault]]:
    """Let all renders in this context go on after faults, which are collected."""
    found: list[FileFault] = []
    token = _faults.set(found)
    try:
        yield found
    finally:
        _faults.reset(token)


def is_tolerant() -> bool:
    """Whether renders go on after faults here."""
    return _faults.get() is not None


@contextmanager
def each_for_itself(path: str) -> Iterator[None]:
    """Keep what goes wrong with one file of a template from the others, where that is wanted."""
    try:
        yield
    except (MemoryError, RecursionError):
        raise  # the limits of the whole render
    except Exception as error:
        found = _faults.get()
        if found is None:
            raise
        found.append(FileFault(path, error))


class _Anything(dict[str, Any]):
    """Filters or tests, with one for each name that there is none of."""

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if default is None else super().get(key, default)

    def __missing__(self, key: str) -> Any:
        return _as_it_is


def _as_it_is(value: Any = "", *_: Any, **__: Any) -> Any:
    return value


def stand_in(environment: Any) -> None:
    """Let any filter and test be known, since what would bring them is not loaded."""
    environment.filters = _Anything(environment.filters)
    environment.tests = _Anything(environment.tests)
