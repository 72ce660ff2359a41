"""Limits on the YAML that is read, and the errors for files that exceed them.

A file of a few bytes can expand to more than a machine's memory: by aliases of aliases, by
thousands of levels, by a number of a million digits. All readers of YAML get their parser's events
from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)

from scaffold.errors import ConfigError

# libyaml is ten times as fast; PyYAML may be built without it.
FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

LARGEST = 1 << 20
"""How many bytes a file may have that people write."""

LARGEST_BUILD = 1 << 26
"""How many bytes all the objects may have that an overlay builds to."""

MOST_DIGITS = 100
QUOTE = "Quote what is text."
STANDARD = "tag:yaml.org,2002:"
_DEEPEST = 100
_MOST_ALIASED = 100_000  # values, with all aliases of a file expanded
_WORTH_EXPLAINING = 1 << 16  # bytes; the parser in Python needs a second for them
_LONGEST_SHOWN = 60


class OutOfBoundsError(yaml.MarkedYAMLError):
    """Valid YAML that exceeds the limits; `note` says what to do."""


def out_of_bounds(problem: str, hint: str, place: Any) -> OutOfBoundsError:
    """The error for a node or an event."""
    return OutOfBoundsError(problem=problem, problem_mark=place.start_mark, note=hint)


def tagged(place: Any) -> yaml.YAMLError:
    """The error for an unknown tag."""
    tag = short(place.tag.replace(STANDARD, "!!"))
    return out_of_bounds(f"has the tag `{tag}`", "Leave it out; quote text.", place)


def too_long(value: str, place: Any) -> yaml.YAMLError:
    """The error for a number with too many digits."""
    return out_of_bounds(f"a number has {len(value)} digits", QUOTE, place)


def bounded_events(text: str, loader: Any = FAST_LOADER) -> Iterator[Any]:
    """The parser's events, as long as they are within the limits. Raises YAMLError."""
    bounds = _Bounds()
    for event in yaml.parse(text, Loader=loader):
        bounds.see(event)
        yield event


def check_bounds(text: str, loader: Any) -> None:
    """Raise YAMLError for a text that a loader would not read, or that exceeds the limits.

    libyaml checks first; where it refuses, the given loader decides, as it may accept the text.
    """
    try:
        for _ in bounded_events(text):
            pass
    except OutOfBoundsError:
        raise
    except yaml.YAMLError:
        for _ in bounded_events(text, loader):
            pass


@dataclass
class _Bounds:
    """The parser's depth and size so far; `sizes` has the number of values under each anchor."""

    values: int = 0
    aliased: int = 0
    inside: list[tuple[str | None, int]] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def see(self, event: Any) -> None:
        """Count one event. Raises OutOfBoundsError."""
        if isinstance(event, AliasEvent):
            self._repeat(event)
        elif isinstance(event, NodeEvent):
            self.values += 1
            if event.anchor is not None:
                self._refuse_twice(event)
            if isinstance(event, CollectionStartEvent):
                self._begin(event)
            elif event.anchor is not None:
                self.sizes[event.anchor] = 1
        elif isinstance(event, CollectionEndEvent):
            anchor, before = self.inside.pop()
            if anchor is not None:
                self.sizes[anchor] = self.values + self.aliased - before
        elif isinstance(event, DocumentStartEvent):
            self.sizes.clear()

    def _begin(self, event: Any) -> None:
        if len(self.inside) == _DEEPEST:
            why = f"is nested more than {_DEEPEST} levels deep"
            raise out_of_bounds(why, "Is this the right file?", event)
        self.inside.append((event.anchor, self.values + self.aliased - 1))

    def _repeat(self, event: Any) -> None:
        name = event.anchor
        if any(anchor == name for anchor, _ in self.inside):
            why = f"the alias `*{short(name)}` is inside of what it stands for"
            raise out_of_bounds(why, "Write out what is meant.", event)
        if name not in self.sizes:
            why = f"there is no `&{short(name)}` before this alias of it"
            raise out_of_bounds(why, "Quote a text that begins with `*`.", event)
        self.aliased += self.sizes[name]
        if self.aliased > _MOST_ALIASED:
            raise out_of_bounds("aliases repeat too much", "Write out what is meant.", event)

    def _refuse_twice(self, event: Any) -> None:
        name = event.anchor
        if name in self.sizes or any(anchor == name for anchor, _ in self.inside):
            why = f"the anchor `&{short(name)}` is there twice"
            raise out_of_bounds(why, "Give each a name of its own.", event)


def text_of(data: str | bytes, source: str, largest: int = LARGEST) -> str:
    """The text of a file, without a byte order mark. Raises ConfigError."""
    if len(data) > largest:
        raise ConfigError(
            f"has {len(data):,} bytes; at most {largest:,} are read",
            where=source,
            hint="Is this the right file?",
        )
    try:
        text = data if isinstance(data, str) else data.decode()
        text.encode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _no_text(f"{source}:{line}") from error
    except UnicodeEncodeError as error:  # a lone surrogate, as file names may have
        raise _no_text(source) from error
    return text.removeprefix("\ufeff")


def _no_text(where: str) -> ConfigError:
    return ConfigError("is not UTF-8 text", where=where, hint="Save it as UTF-8.")


def explained(error: yaml.YAMLError, text: str, source: str) -> ConfigError:
    """The error for people; for invalid YAML, with the clearer message of the parser in Python."""
    if not isinstance(error, OutOfBoundsError) and len(text) < _WORTH_EXPLAINING:
        try:
            for _ in bounded_events(text, yaml.SafeLoader):
                pass
        except yaml.YAMLError as better:
            error = better
    mark = getattr(error, "problem_mark", None)
    where = f"{source}:{mark.line + 1}" if mark else source
    if isinstance(error, OutOfBoundsError):
        return ConfigError(str(error.problem), where=where, hint=str(error.note))
    problem = getattr(error, "problem", None) or str(error).split("\n")[0]
    return ConfigError(
        f"is not valid YAML: {problem}",
        where=where,
        hint="Often a missing quote, or a tab where spaces belong.",
    )


def short(text: str) -> str:
    """A text, shortened to fit into a line of an error."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
