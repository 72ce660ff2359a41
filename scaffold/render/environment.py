"""The jinja environment of a template: copier's own, with three things other than there.

What it compiled is kept for the next run, which sees nothing else of the one before. What is made
by chance or by the clock is made anew for each run, yet is the same for the two renders that an
upgrade compares, so that a random password or today's date is no change. And where nobody trusts
the template, no filter tells it about this machine: its variables (tokens are among them), files
and users.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha512
from secrets import token_bytes
from typing import Any

import jinja2
from jinja2 import pass_context
from jinja2.runtime import Context

from scaffold.render.copier_api import get_yield_context

# Filters that give another result each time, and what they want before their arguments.
_BY_CHANCE: dict[str, Callable[[Context], tuple[Any, ...]]] = {
    "ans_random": lambda context: (context.environment,),
    "random": lambda context: (context,),
    "random_mac": lambda _: (),
    "shuffle": lambda _: (),
}


# --- Chance and the clock ---------------------------------------------------------------


@dataclass
class _Memory:
    """What chance and the clock have said in one pair of renders."""

    started: float = field(default_factory=time.time)
    values: dict[Hashable, Any] = field(default_factory=dict)
    calls: Counter[Hashable] = field(default_factory=Counter)

    def value(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value that this call had in the render before, or a new one."""
        self.calls[key] += 1
        call = (key, self.calls[key])
        if call not in self.values:
            self.values[call] = make()
        return deepcopy(self.values[call])


_memory: ContextVar[_Memory | None] = ContextVar("_memory", default=None)


@contextmanager
def deterministic_sources() -> Iterator[None]:
    """Let all renders in here have the same random values and the same time."""
    token = _memory.set(_Memory())
    try:
        yield
    finally:
        _memory.reset(token)


def begin_render() -> None:
    """Let the next call of each place that asks chance be the first one again."""
    if memory := _memory.get():
        memory.calls.clear()


def remembered_globals() -> dict[str, Any]:
    """What takes the place of copier's `now` and `make_secret` where renders are compared."""
    memory = _memory.get()
    if memory is None:
        return {}
    return {
        "now": lambda: datetime.fromtimestamp(memory.started, tz=UTC),
        "make_secret": pass_context(
            lambda context: memory.value(
                ("make_secret", context.name), lambda: sha512(token_bytes(48)).hexdigest()
            )
        ),
    }


def tame(environment: jinja2.Environment, *, trust: bool) -> None:
    """Make its filters what the module's docstring says.

    They ask for the context, which also keeps jinja from calling them as it compiles: their
    result would be part of the compiled template then, the same in each run.
    """
    filters: dict[str, Any] = environment.filters
    for name, before in _BY_CHANCE.items():
        filters[name] = _remembered(name, filters[name], before)
    filters["strftime"] = _by_the_clock(filters["strftime"])
    if not trust:
        filters.update(expandvars=str, expanduser=str, fileglob=lambda _: [])


def _remembered(
    name: str, function: Callable[..., Any], before: Callable[[Context], tuple[Any, ...]]
) -> Callable[..., Any]:
    @pass_context
    def remembered(context: Context, *arguments: Any, **keywords: Any) -> Any:
        def make() -> Any:
            return function(*before(context), *arguments, **keywords)

        memory = _memory.get()
        if memory is None:
            return make()
        return memory.value((name, context.name, repr(arguments), repr(keywords)), make)

    return remembered


def _by_the_clock(function: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def by_the_clock(_: Context, form: str, second: Any = None) -> Any:
        memory = _memory.get()
        return function(form, memory.started if second is None and memory else second)

    return by_the_clock


# --- What is compiled -------------------------------------------------------------------


def is_text(environment: jinja2.Environment, source: str) -> bool:
    """Whether a string has no mark of the template language in it, so that it renders to itself."""
    marks = (
        environment.variable_start_string,
        environment.block_start_string,
        environment.comment_start_string,
        environment.line_statement_prefix,
        environment.line_comment_prefix,
        "\n",
        "\r",
    )
    return not any(mark and mark in source for mark in marks)


class Compiled:
    """An environment that keeps what it compiled, from one run to the next."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self._strings: dict[str, jinja2.Template] = {}
        self._compile = environment.from_string
        environment.from_string = self._string
        environment.auto_reload = False

    def begin(self) -> Any:
        """The environment for another run, which sees nothing of the state of the one before.

        Macros' modules are that state: jinja runs one once and keeps its variables.
        """
        for template in (self.environment.cache or {}).values():
            template._module = None  # noqa: SLF001
        return self.environment

    def _string(self, source: Any) -> jinja2.Template:
        if not isinstance(source, str):
            loaded: jinja2.Template = self._compile(source)
            return loaded
        if source not in self._strings:
            self._strings[source] = self._compile(source)
            self._strings[source].name = source  # so that chance can tell them apart
        self.forget_loop()
        return self._strings[source]

    def forget_loop(self) -> None:
        """Copier's `yield` forgets the last loop whenever it compiles, so this must, too."""
        loop = get_yield_context(self.environment)
        loop.yield_name = None
        loop.yield_iterable = None
