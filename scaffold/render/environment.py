"""The jinja environment of a template: copier's own, with three changes.

Compiled templates are reused by the next run, which sees no other state of this one. Random values
and the time are made anew for each run, but are the same in the two renders that an upgrade
compares, so that a random password or today's date is not a change. And for an untrusted template,
no filter reveals anything about this machine: its environment variables (which include tokens),
files and users.
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

# Filters with random results, and the arguments that come before their own.
_BY_CHANCE: dict[str, Callable[[Context], tuple[Any, ...]]] = {
    "ans_random": lambda context: (context.environment,),
    "random": lambda context: (context,),
    "random_mac": lambda _: (),
    "shuffle": lambda _: (),
}


# --- Randomness and the time ---------------------------------------------------------------


@dataclass
class Sources:
    """The random values and the time in renders that are compared; `used` once one asked for any.

    `started` is the time, in seconds since the epoch.
    """

    started: float = field(default_factory=time.time)
    used: bool = False
    values: dict[Hashable, Any] = field(default_factory=dict)
    calls: Counter[Hashable] = field(default_factory=Counter)

    def value(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value that this call had in the render before, or a new one."""
        self.used = True
        self.calls[key] += 1
        call = (key, self.calls[key])
        if call not in self.values:
            self.values[call] = make()
        return deepcopy(self.values[call])

    def now(self) -> float:
        """The time."""
        self.used = True
        return self.started


_memory: ContextVar[Sources | None] = ContextVar("_memory", default=None)


@contextmanager
def deterministic_sources(sources: Sources | None = None) -> Iterator[None]:
    """Give all renders in this context the same random values and the same time."""
    token = _memory.set(sources or Sources())
    try:
        yield
    finally:
        _memory.reset(token)


_strict: ContextVar[bool] = ContextVar("_strict", default=False)


@contextmanager
def undefined_is_an_error() -> Iterator[None]:
    """Let all renders in this context fail where a template uses what is not defined.

    It may still ask whether it `is defined`, or give it a `default()`.
    """
    token = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(token)


def is_strict() -> bool:
    """Whether what is not defined is an error here."""
    return _strict.get()


def begin_render() -> None:
    """Start counting the calls of each random source from the first again."""
    if memory := _memory.get():
        memory.calls.clear()


def remembered_globals() -> dict[str, Any]:
    """Replacements for copier's `now` and `make_secret` where renders are compared."""
    memory = _memory.get()
    if memory is None:
        return {}
    return {
        "now": lambda: datetime.fromtimestamp(memory.now(), tz=UTC),
        "make_secret": pass_context(
            lambda context: memory.value(
                ("make_secret", context.name), lambda: sha512(token_bytes(48)).hexdigest()
            )
        ),
    }


def tame(environment: jinja2.Environment, *, trust: bool) -> None:
    """Replace filters as the module's docstring says, and see to what is not defined.

    They take the context, which also keeps jinja from evaluating them at compile time: the result
    would be part of the compiled template then, the same in each run.
    """
    if is_strict():
        environment.undefined = jinja2.StrictUndefined
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
        return function(form, memory.now() if second is None and memory else second)

    return by_the_clock


# --- Compiled templates -------------------------------------------------------------------


def is_text(environment: jinja2.Environment, source: str) -> bool:
    """Whether a string has no template syntax in it, so that it renders to itself."""
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
    """An environment that keeps its compiled templates from one run to the next."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self._strings: dict[str, jinja2.Template] = {}
        self._compile = environment.from_string
        environment.from_string = self._string
        environment.auto_reload = False

    def begin(self) -> Any:
        """The environment for another run, without the state of the one before.

        The modules of macros are that state: jinja runs each once and keeps its variables.
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
            self._strings[source].name = source  # so that random values can tell them apart
        self.forget_loop()
        return self._strings[source]

    def forget_loop(self) -> None:
        """Forget the last loop of copier's `yield`, as copier does whenever it compiles."""
        loop = get_yield_context(self.environment)
        loop.yield_name = None
        loop.yield_iterable = None
