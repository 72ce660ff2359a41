"""A blueprint's working tree, read once, as the value that all rules work on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import TemplateSyntaxError
from pygit2.enums import FileMode

from scaffold.config.blueprint import Blueprint
from scaffold.git.tree import Tree, text_of
from scaffold.lint.jinja import Parsed, parse, parse_string
from scaffold.lint.keys import Key, Text
from scaffold.lint.released import Release
from scaffold.lint.trace import RenderedFile


@dataclass(frozen=True)
class Run:
    """One render of one of the paired repos, with one set of answers.

    `quoted` is whether quotes are put into its answers, to see what comes of them.
    """

    repo: str
    answers: Mapping[str, Any]
    files: tuple[RenderedFile, ...]
    quoted: bool = False


@dataclass(frozen=True)
class Failure:
    """A render that failed: where, why, and whether an answer is to blame."""

    repo: str
    path: str
    line: int
    why: str
    of_answer: bool


@dataclass(frozen=True)
class Extension:
    """A Jinja extension that is named and was not loaded, where, why, and what to do."""

    name: str
    path: str
    line: int
    why: str
    hint: str


@dataclass(frozen=True)
class Source:
    """A blueprint: its files, its questions, its renders, and its last release.

    `quoted` are those renders that have quotes in the answers; only what is read as a format may
    look at them. `roots` maps each of the paired repos to its folder in the template;
    `environment` is copier's jinja environment for it, of which rules only use the parser. Where
    extensions are `not_loaded`, it knows any filter and test.
    """

    tree: Tree
    questions_file: str
    questions: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]
    keys: Mapping[str, tuple[Key, ...]]
    model: Blueprint
    suffix: str
    environment: Any
    roots: Mapping[str, str]
    runs: tuple[Run, ...] = ()
    quoted: tuple[Run, ...] = ()
    failures: tuple[Failure, ...] = ()
    not_loaded: tuple[Extension, ...] = ()
    released: Release | None = None

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The files that are UTF-8 text, without links and binary files."""
        return texts_of(self.tree)

    def repo_files(self) -> Iterator[tuple[str, str]]:
        """The files that repos are rendered from, each with its path below the repo's folder."""
        folders = sorted({f"{root}/" if root else "" for root in self.roots.values()})
        for path in self.tree:
            folder = next((candidate for candidate in folders if path.startswith(candidate)), None)
            if folder is not None:
                yield path, path.removeprefix(folder)

    @cached_property
    def templates(self) -> Mapping[str, Parsed | TemplateSyntaxError]:
        """Each file whose content copier renders, and each that is included or imported."""
        templates: dict[str, Parsed | TemplateSyntaxError] = {}
        waiting = [path for path, _ in self.repo_files() if path.endswith(self.suffix)]
        for key in self.keys:
            for text in self.texts_at(key):
                waiting += _targets(parse_string(self.environment, text.text))
        while waiting:
            path = waiting.pop()
            if path in templates or path not in self.texts:
                continue
            templates[path] = parsed = parse(self.environment, self.texts[path])
            waiting += _targets(parsed)
        return templates

    def place_of(self, key: str, *below: str) -> tuple[str, int]:
        """The file and line of a key of copier.yml, as deep as it exists."""
        if key not in self.keys:
            return self.questions_file, 1
        last = self.keys[key][-1]
        return last.path, last.line_below(*below)

    def texts_at(self, key: str, part: str | None = None) -> Iterator[Text]:
        """The strings of a key of copier.yml, or of one part of a question."""
        for text_key in self.keys.get(key, ()) if part is None else self.keys.get(key, ())[-1:]:
            yield from text_key.texts(part)


def _targets(parsed: Parsed | TemplateSyntaxError) -> list[str]:
    if not isinstance(parsed, Parsed):
        return []
    return [reference.target for reference in parsed.references if reference.target is not None]


def texts_of(tree: Tree) -> dict[str, str]:
    """The files of a tree that are UTF-8 text, without links and binary files."""
    return {
        path: text
        for path, entry in tree.items()
        if entry.mode != FileMode.LINK and (text := text_of(entry.data)) is not None
    }
