"""The keys of copier.yml with their places, also those in files that it includes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from scaffold.config.documents import read_file
from scaffold.config.yaml_as_copier import INCLUDE, compose_as_copier
from scaffold.errors import ConfigError

_EMPTY = "tag:yaml.org,2002:null"
_BLOCK_STYLES = ("|", ">")


@dataclass(frozen=True)
class Text:
    """One string of a file that is a template, and the line that it begins at."""

    path: str
    line: int
    text: str
    folded: bool = False

    def line_of(self, line: int) -> int:
        """The file's line of a line of the text; in a folded text only the first one is known."""
        return self.line if self.folded else self.line + line - 1


@dataclass(frozen=True)
class Key:
    """One top-level key: its file and line, and its value."""

    path: str
    line: int
    value: yaml.Node

    def line_below(self, *keys: str) -> int:
        """The line of a nested key, as deep as the file has it."""
        line, value = self.line, self.value
        for key in keys:
            pair = next(
                (candidate for candidate in _pairs(value) if candidate[0].value == key), None
            )
            if pair is None:
                return line
            line, value = pair[0].start_mark.line + 1, pair[1]
        return line

    def texts(self, part: str | None = None) -> Iterator[Text]:
        """All strings of the value, or of a part of it; each is a template to copier.

        A question in the short form, which is only a default, has the part `default`.
        """
        value: yaml.Node | None = self.value
        if part is not None and isinstance(self.value, yaml.MappingNode):
            value = next(
                (candidate for key, candidate in _pairs(self.value) if key.value == part), None
            )
        if value is not None:
            yield from _texts(value, self.path)


def read_keys(folder: Path, path: str) -> Mapping[str, tuple[Key, ...]]:
    """All keys of the file `path` in a template's folder; of duplicates, the last one counts.

    Copier accepts several documents in the file, and includes of other files by a pattern. Raises
    ConfigError.
    """
    keys: dict[str, tuple[Key, ...]] = {}
    for name, key in _keys(folder, path):
        keys[name] = (*keys.get(name, ()), key)
    return keys


def _keys(folder: Path, path: str) -> Iterator[tuple[str, Key]]:
    for document in _documents(folder / path, path):
        where = f"{path}:{document.start_mark.line + 1}"
        if document.tag == INCLUDE and isinstance(document, yaml.ScalarNode):
            for file in _included(folder, document.value, where):
                yield from _keys(folder, file.relative_to(folder).as_posix())
        elif isinstance(document, yaml.MappingNode):
            for key, value in document.value:
                yield str(key.value), Key(path, key.start_mark.line + 1, value)
        elif document.tag != _EMPTY:
            raise ConfigError("is not a mapping of keys to values", where=where)


def _included(folder: Path, pattern: str, where: str) -> list[Path]:
    """The files of an `!include`. Raises ConfigError for none, which copier would ignore."""
    parts = PurePosixPath(pattern).parts
    inside = parts and not pattern.startswith("/") and ".." not in parts
    files = sorted(folder.glob(pattern)) if inside else []
    if not files:
        raise ConfigError(
            f"includes `{pattern}`, and the blueprint has no such file",
            where=where,
            hint="The path starts at the blueprint's folder, and may not leave it.",
        )
    return files


def _documents(file: Path, path: str) -> list[yaml.Node]:
    """The documents of a file, at least one."""
    nodes = compose_as_copier(read_file(file), source=path)
    if not nodes:
        raise ConfigError("is empty", where=path)
    return nodes


def _texts(node: yaml.Node, path: str) -> Iterator[Text]:
    if isinstance(node, yaml.ScalarNode):
        line = node.start_mark.line + (2 if node.style in _BLOCK_STYLES else 1)
        yield Text(path, line, node.value, folded=node.style != "|")
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _texts(item, path)
    for key, value in _pairs(node):
        yield from _texts(key, path)
        yield from _texts(value, path)


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []
