"""Reads YAML as copier does, within our limits: answers files, data files, copier.yml.

Copier reads dates and YAML's own tags, and takes the last one of duplicate keys. An upgrade must
see the same values as copier itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from scaffold.config.yaml_bounds import (
    FAST_LOADER,
    MOST_DIGITS,
    QUOTE,
    STANDARD,
    explained,
    out_of_bounds,
    short,
    tagged,
    too_long,
)
from scaffold.config.yaml_reader import compose_documents, second_document

INCLUDE = "!include"
"""Copier's tag for a document that is another file's."""

_INT = f"{STANDARD}int"


@dataclass(frozen=True)
class AsCopier:
    """A document as copier reads it, with the text of each top-level value."""

    value: Any
    written: Mapping[str, str]


def read_as_copier(data: str | bytes, *, source: str) -> AsCopier:
    """The single document of a file as copier reads it, with dates and YAML's own tags.

    Raises ConfigError, also for what exceeds the limits.
    """
    nodes = compose_documents(data, source=source)
    if len(nodes) > 1:
        raise second_document(source, nodes[1])
    if not nodes:
        return AsCopier(None, {})
    (node,) = nodes
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    written = {
        key.value: value.value
        for key, value in pairs
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
    }
    return AsCopier(construct_as_copier(node, source), written)


def compose_as_copier(data: str | bytes, *, source: str) -> list[yaml.Node]:
    """The nodes of all documents by the parser that copier uses, which is stricter than libyaml's.

    Raises ConfigError.
    """
    return compose_documents(data, source=source, loader=yaml.SafeLoader)


def construct_as_copier(
    node: yaml.Node, source: str, include: Callable[[str], Any] | None = None
) -> Any:
    """The value of a document as copier constructs it; `include` resolves each `!include`.

    Raises ConfigError.
    """
    loader = _CopierLoader("")
    loader.include = include
    try:
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise explained(error, "", source) from error


class _CopierLoader(FAST_LOADER):  # type: ignore[misc]
    """Copier's loader, with an error and line for each value that can't be read."""

    include: Callable[[str], Any] | None = None

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value of a node. Raises YAMLError."""
        if self.include is not None and node.tag == INCLUDE:
            return self.include(str(node.value))
        if node.tag not in self.yaml_constructors:
            raise tagged(node)
        if node.tag == _INT and len(node.value) > MOST_DIGITS:
            raise too_long(node.value, node)
        try:
            return super().construct_object(node, deep)
        except ConstructorError as error:
            why = str(error.problem or error.context)
            raise out_of_bounds(why, "Write it as plain YAML.", node) from error
        except yaml.YAMLError:
            raise
        # An impossible date, `!!int ''`, `!!timestamp x`, `!!bool x`: exceptions of all kinds.
        except Exception as error:
            name = node.tag.removeprefix(STANDARD)
            why = f"`{short(str(node.value))}` is no {name}"
            raise out_of_bounds(why, QUOTE, node) from error
