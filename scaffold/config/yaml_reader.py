"""The one reader of YAML from people, repos and other programs, with limits and plain values.

It returns text, numbers, true, false and null, in lists and mappings. Dates stay text; unknown tags
and duplicate keys are errors; `yaml_bounds` has the other limits. Files that copier reads as well
are read by copier's rules, in `yaml_as_copier`.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from scaffold.config.yaml_bounds import (
    FAST_LOADER,
    LARGEST,
    LARGEST_BUILD,
    MOST_DIGITS,
    QUOTE,
    STANDARD,
    bounded_events,
    check_bounds,
    explained,
    out_of_bounds,
    short,
    tagged,
    text_of,
    too_long,
)
from scaffold.errors import ConfigError

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NUL = re.compile("\x00")
_VALUES = SafeConstructor()
_MAKE: Mapping[str, Callable[[yaml.ScalarNode], Any]] = {
    f"{STANDARD}bool": _VALUES.construct_yaml_bool,
    f"{STANDARD}int": _VALUES.construct_yaml_int,
    f"{STANDARD}float": _VALUES.construct_yaml_float,
    f"{STANDARD}null": _VALUES.construct_yaml_null,
}
# The types of unquoted scalars, by their first letter: YAML's own rules, without dates.
_RULES = {
    first: tuple((tag, pattern.match) for tag, pattern in rules if tag in _MAKE)
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(data: str | bytes, *, source: str, printable: bool = False) -> Any:
    """The single document of a file; None where it is empty.

    `source` is the file's name for the errors; with `printable`, texts must not have control
    characters except tabs and line ends. Raises ConfigError: file:line, what is wrong, what to do.
    """
    builder = _Builder(text_of(data, source), source, _CONTROLS if printable else _NUL)
    documents = list(builder.documents(most=1))
    return documents[0] if documents else None


def read_documents(data: str | bytes, *, source: str) -> Iterator[Any]:
    """The documents of a stream of Kubernetes objects. Raises ConfigError."""
    return _Builder(text_of(data, source, LARGEST_BUILD), source, None).documents()


def compose_documents(
    data: str | bytes, *, source: str, loader: Any = FAST_LOADER, largest: int = LARGEST
) -> list[yaml.Node]:
    """The nodes of all documents, for callers that need lines or tags.

    Raises ConfigError.
    """
    text = text_of(data, source, largest)
    try:
        check_bounds(text, loader)
        return [node for node in yaml.compose_all(text, Loader=loader) if node is not None]
    except yaml.YAMLError as error:
        raise explained(error, text, source) from error


def read_as_text(data: str | bytes, *, source: str) -> Any:
    """The single document of a file, with each value as the text in the file, whatever its tag.

    Raises ConfigError.
    """
    nodes = compose_documents(data, source=source)
    if len(nodes) > 1:
        raise second_document(source, nodes[1])
    return _as_text(nodes[0]) if nodes else None


def _as_text(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {
            key.value: _as_text(value)
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode)
        }
    if isinstance(node, yaml.SequenceNode):
        return [_as_text(item) for item in node.value]
    return node.value


class _Builder:
    """Builds plain values from the parser's events, in one pass."""

    def __init__(self, text: str, source: str, refused: re.Pattern[str] | None) -> None:
        self._text = text
        self._source = source
        self._refused = refused
        self._anchors: dict[str, Any] = {}
        self._next: Callable[[], Any] = bounded_events(text).__next__

    def documents(self, most: int | None = None) -> Iterator[Any]:
        """Each document. Raises ConfigError."""
        count = 0
        while (first := self._first_of_the_next()) is not None:
            if count == most:
                raise second_document(self._source, first)
            count += 1
            try:
                value = self._value(first)
            except yaml.YAMLError as error:
                raise explained(error, self._text, self._source) from error
            yield value

    def _first_of_the_next(self) -> Any:
        try:
            while not isinstance(self._next(), DocumentStartEvent):
                pass
            self._anchors.clear()
            return self._next()
        except StopIteration:
            return None
        except yaml.YAMLError as error:
            raise explained(error, self._text, self._source) from error

    def _value(self, event: Any) -> Any:
        kind = type(event)
        if kind is AliasEvent:
            return self._anchors[event.anchor]
        if event.tag is not None:
            raise tagged(event)
        value: Any
        if kind is ScalarEvent:
            value = self._scalar(event)
        else:
            value = self._list() if kind is SequenceStartEvent else self._mapping()
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _list(self) -> list[Any]:
        items = []
        while type(event := self._next()) is not SequenceEndEvent:
            items.append(self._value(event))
        return items

    def _mapping(self) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        merged: list[dict[Any, Any]] = []
        while type(event := self._next()) is not MappingEndEvent:
            key = self._key(event)
            value = self._value(self._next())
            if key == "<<" and event.implicit[0]:
                merged += _to_merge(value, event)
            elif key in mapping:
                why = f"`{short(str(key))}` is there twice"
                raise out_of_bounds(why, "Leave one of them.", event)
            else:
                mapping[key] = value
        if not merged:
            return mapping
        return {
            key: value
            for merged_mapping in (*reversed(merged), mapping)
            for key, value in merged_mapping.items()
        }

    def _key(self, event: Any) -> Any:
        key = self._value(event) if isinstance(event, (ScalarEvent, AliasEvent)) else {}
        if isinstance(key, (dict, list)):
            raise out_of_bounds("a key is a list or a mapping", "A key is text.", event)
        return key

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        if event.implicit[0]:
            for tag, match in _RULES.get(value[:1], ()):
                if match(value):
                    return _number_or_word(tag, event)
        elif event.style == '"' and self._refused and (control := self._refused.search(value)):
            why = f"a text has the control character U+{ord(control[0]):04X}"
            raise out_of_bounds(why, "Leave it out.", event)
        return value


def _to_merge(value: Any, event: Any) -> list[dict[Any, Any]]:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, dict) for source in sources):
        why = "`<<` takes the keys of a mapping, and there is none"
        raise out_of_bounds(why, "Name a mapping by its alias, or quote the key.", event)
    return sources


def _number_or_word(tag: str, event: Any) -> Any:
    value: str = event.value
    if ":" in value:  # only YAML 1.1 reads 22:30 as a number
        return value
    if len(value) > MOST_DIGITS:
        raise too_long(value, event)
    try:
        made = _MAKE[tag](yaml.ScalarNode(tag, value))
    except ValueError as error:
        raise out_of_bounds(f"`{value}` is no number", QUOTE, event) from error
    if isinstance(made, float) and not math.isfinite(made):
        raise out_of_bounds(f"`{value}` is no finite number", QUOTE, event)
    return made


def second_document(source: str, place: Any) -> ConfigError:
    """The error for a file with more than one document; `place` is the second."""
    return ConfigError(
        "there is a second document in it",
        where=f"{source}:{place.start_mark.line + 1}",
        hint="Leave one, without a line `---` after it.",
    )
