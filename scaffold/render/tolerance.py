"""Renders that go on after a fault, so that all faults of a template can be told at once.

Only lint renders so: what is rendered is not whole. A file that fails is left out and told; of the
extensions that a template names, those that can't be loaded are left out, and whatever filter or
test is not known then leaves its value as it is, which is counted.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


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

    def __init__(self, known: Mapping[str, Any], stand_in: Callable[..., Any]) -> None:
        super().__init__(known)
        self._stand_in = stand_in

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if default is None else super().get(key, default)

    def __missing__(self, key: str) -> Any:
        return self._stand_in


def stand_in(environment: Any) -> None:
    """Let any filter and test be known, since what would bring them is not loaded."""

    @pass_context  # or jinja would call it once, when it compiles
    def as_it_is(_: Context, value: Any = "", *__: Any, **___: Any) -> Any:
        environment.stood_in += 1
        return value

    environment.stood_in = 0
    environment.filters = _Anything(environment.filters, as_it_is)
    environment.tests = _Anything(environment.tests, as_it_is)


def stood_in(environment: Any) -> int:
    """How often something was left as it is in the renders of an environment."""
    return int(getattr(environment, "stood_in", 0))
