"""A blueprint's working tree, read once, as the value that all rules look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml
from jinja2 import TemplateSyntaxError

from scaffold.blueprint.lint.jinja import Parsed, names_in, parse
from scaffold.blueprint.lint.released import Release
from scaffold.blueprint.lint.trace import RenderedFile
from scaffold.git.tree import Tree
from scaffold.model.blueprint import Blueprint

_BLOCK_STYLES = ("|", ">")


@dataclass(frozen=True)
class Text:
    """One string of a file that is a template, and the line that it begins at."""

    path: str
    line: int
    text: str
    folded: bool = False

    def line_of(self, line: int) -> int:
        """The file's line of a line of the text; a folded text has only the first one."""
        return self.line if self.folded else self.line + line - 1


@dataclass(frozen=True)
class Run:
    """One render of one of the paired repos, with other answers than the runs beside it."""

    repo: str
    answers: Mapping[str, Any]
    files: tuple[RenderedFile, ...]


@dataclass(frozen=True)
class Failure:
    """A render that failed: where, why, and whether an answer is to blame."""

    repo: str
    path: str
    line: int
    why: str
    of_answer: bool


@dataclass(frozen=True)
class Source:
    """A blueprint: its files, its questions, what it renders, and its last release.

    `roots` maps each of the paired repos to its folder in the template; `environment` is copier's
    jinja environment for it, of which rules only use the parser.
    """

    tree: Tree
    questions_file: str
    questions: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]
    node: yaml.MappingNode
    model: Blueprint
    suffix: str
    environment: Any
    roots: Mapping[str, str]
    runs: tuple[Run, ...] = ()
    failures: tuple[Failure, ...] = ()
    released: Release | None = None

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The files that are UTF-8 text; links and binary files are not."""
        return {
            path: text
            for path, entry in self.tree.items()
            if not entry.mode & 0o020000 and (text := _text(entry.data)) is not None
        }

    def repo_files(self) -> Iterator[tuple[str, str]]:
        """The files that repos are rendered from, each with its path below the repo's folder."""
        folders = sorted({f"{root}/" if root else "" for root in self.roots.values()})
        for path in self.tree:
            folder = next((one for one in folders if path.startswith(one)), None)
            if folder is not None:
                yield path, path.removeprefix(folder)

    @cached_property
    def templates(self) -> Mapping[str, Parsed | TemplateSyntaxError]:
        """Each file whose content copier fills in, and each that one of those brings in."""
        found: dict[str, Parsed | TemplateSyntaxError] = {}
        waiting = [path for path, _ in self.repo_files() if path.endswith(self.suffix)]
        while waiting:
            path = waiting.pop()
            if path in found or path not in self.texts:
                continue
            found[path] = parsed = parse(self.environment, self.texts[path])
            if isinstance(parsed, Parsed):
                waiting += [one.target for one in parsed.references if one.target is not None]
        return found

    def line_of(self, *keys: str) -> int:
        """The line of a key of copier.yml, as far down as the file has it."""
        return self._find(keys)[0].start_mark.line + 1

    def names_at(self, *keys: str) -> Iterator[tuple[str, int]]:
        """The variables that the strings below a key of copier.yml need, and the lines.

        A part of a question that is written as its default alone has the key `default`.
        """
        for text in self._strings_at(*keys):
            for name, line in names_in(self.environment, text.text).items():
                yield name, text.line_of(line)

    def _strings_at(self, *keys: str) -> Iterator[Text]:
        _, value = self._find(keys)
        if value is not None:
            yield from self._strings(value)
        elif keys[0] not in {key.value for key, _ in self.node.value}:  # from an included file
            for string in _strings_of(self.questions.get(keys[0], {}).get(keys[-1])):
                yield Text(self.questions_file, 1, string, folded=True)

    def _find(self, keys: tuple[str, ...]) -> tuple[yaml.Node, yaml.Node | None]:
        """The node of a key, or the last one before that is there, and of the key's value."""
        place: yaml.Node = self.node
        value: yaml.Node = self.node
        for number, key in enumerate(keys):
            if not isinstance(value, yaml.MappingNode):
                return place, value if number == 1 and key == "default" else None
            pair = next((one for one in value.value if one[0].value == key), None)
            if pair is None:
                return place, None
            place, value = pair
        return place, value

    def _strings(self, node: yaml.Node) -> Iterator[Text]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield from self._strings(key)
                yield from self._strings(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from self._strings(item)
        elif isinstance(node, yaml.ScalarNode):
            block = node.style in _BLOCK_STYLES
            line = node.start_mark.line + (2 if block else 1)
            yield Text(self.questions_file, line, node.value, folded=node.style != "|")


def _strings_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in (*value.keys(), *value.values()):
            yield from _strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings_of(item)


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
