"""A blueprint's working tree, read once, as the value that all rules look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from scaffold.blueprint.lint.jinja import names_in
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
    """A render that failed: with which answers, where, and why."""

    repo: str
    path: str
    line: int
    why: str


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

    def repo_files(self) -> Iterator[str]:
        """The files of the folders that repos are rendered from."""
        folders = {root for root in self.roots.values() if root}
        for path in self.tree:
            if any(path.startswith(f"{folder}/") for folder in folders):
                yield path

    def is_template(self, path: str) -> bool:
        """Whether copier fills in the file's content."""
        return path.endswith(self.suffix)

    def line_of(self, *keys: str | int) -> int:
        """The line of a key of copier.yml, as far down as the file has it."""
        return self._find(keys)[0].start_mark.line + 1

    def strings_at(self, *keys: str) -> Iterator[Text]:
        """All strings below a key of copier.yml, each of which copier takes for a template."""
        yield from self._strings(self._find(keys)[1])

    def names_at(self, *keys: str) -> Iterator[tuple[str, int]]:
        """The variables that the strings below a key of copier.yml need, and the lines."""
        for text in self.strings_at(*keys):
            for name, line in names_in(self.environment, text.text).items():
                yield name, text.line_of(line)

    def _find(self, keys: tuple[str | int, ...]) -> tuple[yaml.Node, yaml.Node]:
        """The node of a key and of its value."""
        place: yaml.Node = self.node
        value: yaml.Node = self.node
        for key in keys:
            if not isinstance(value, yaml.MappingNode):
                break
            pair = next((one for one in value.value if one[0].value == key), None)
            if pair is None:
                break
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


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def scope(root: Path) -> str:
    """A folder as paths of the tree begin with it."""
    return "" if root == Path() else root.as_posix()
