"""Rules about rendered files as what their names say they are, and about what is left in them."""

import ast
import configparser
import json
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from scaffold.config.yaml_reader import compose_documents
from scaffold.errors import ConfigError
from scaffold.lint.ci import is_ci
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.shell_files import BASH, is_shell, shell_problem
from scaffold.lint.source import Run, Source
from scaffold.lint.trace import RenderedFile
from scaffold.process import find_program

# Files of these names are JSON with comments, which their own tools read.
_WITH_COMMENTS = re.compile(r"(.+/)?(tsconfig[^/]*\.json|\.?(vscode|devcontainer|zed)/[^/]+\.json)")
_COMMENT = re.compile(r'(?P<text>"(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r",(?=\s*[\]}])")
_BLANK = re.compile(r"[^\n]")
_AT_LINE = re.compile(r" \(at line (?P<line>[0-9]+), column [0-9]+\)")
_OTHER_BRACES = "{{"  # a chart of Helm's is YAML only once Helm has filled it in
_BLOCK = re.compile(r"\{%-?\s*(if|for|set|include|endif|endfor)\b")
_NAMED = re.compile(r"\{\{-?\s*(?P<name>\w+)")
_ENCODE = (
    "Write the answer as the format has it: `{{ answer | to_json }}` without quotes around it, or "
    "refuse such answers by a validator."
)


class _Problem(Exception):  # noqa: N818 - it is what is found, not an error of ours
    def __init__(self, line: int, why: str) -> None:
        self.line, self.why = line, why


def _json(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise _Problem(error.lineno, error.msg) from error


def _json_with_comments(text: str) -> None:
    """Comments, and a comma after the last item, are no part of JSON: they count as space here."""
    plain = _COMMENT.sub(lambda found: found["text"] or _BLANK.sub(" ", found[0]), text)
    _json(_LAST_COMMA.sub(" ", plain))


def _toml(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _AT_LINE.search(str(error))
        line = int(place["line"]) if place else text.count("\n") + 1
        raise _Problem(line, _AT_LINE.sub("", str(error))) from error


def _yaml(text: str) -> None:
    if _OTHER_BRACES in text:
        return
    try:
        compose_documents(text, source="")
    except ConfigError as error:
        line = error.where.rpartition(":")[2]
        raise _Problem(
            int(line) if line.isdigit() else 1, error.what.removeprefix("is not valid YAML: ")
        ) from error


def _python(text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what is valid, if odd
            ast.parse(text)
    except SyntaxError as error:
        raise _Problem(error.lineno or 1, error.msg) from error


def _ini(text: str) -> None:
    try:
        configparser.RawConfigParser(strict=False, allow_no_value=True).read_string(text)
    except configparser.MissingSectionHeaderError as error:
        raise _Problem(error.lineno, "there is no section header") from error
    except configparser.ParsingError as error:
        raise _Problem(error.errors[0][0], "is no `key = value`") from error


def _shell(text: str) -> None:
    if problem := shell_problem(text):
        raise _Problem(*problem)


_READERS: dict[str, tuple[str, Callable[[str], None]]] = {
    ".cfg": ("INI", _ini),
    ".ini": ("INI", _ini),
    ".json": ("JSON", _json),
    ".py": ("Python", _python),
    ".toml": ("TOML", _toml),
    ".yaml": ("YAML", _yaml),
    ".yml": ("YAML", _yaml),
}


@lru_cache(maxsize=2048)
def _problem_of(path: str, text: str) -> tuple[str, int, str] | None:
    """The format, the line and why a file is not valid; None where it is, or has no known kind."""
    kind, read = _READERS.get(PurePosixPath(path).suffix, ("", None))
    if is_shell(path, text):
        kind, read = "shell", _shell
    if read is None:
        return None
    if _WITH_COMMENTS.fullmatch(path):
        read = _json_with_comments
    try:
        read(text)
    except _Problem as problem:
        return kind, problem.line, problem.why
    except (ValueError, RecursionError) as error:  # of Python's readers: what is nested too deep
        return kind, 1, str(error)
    return None


def not_parsed(source: Source) -> Iterator[Spot]:
    """What is rendered has to be what its name says: JSON, TOML, YAML, INI, Python or shell.

    It is read for each set of answers, and once more with quotes and a backslash in all answers
    that may be any text: where only that fails, an answer is put between quotes as it is. Empty
    files and YAML with double braces in it are left out. Shell is read by bash, where that is
    installed: a file of it is known by its first line, or ends in `.sh` or `.bash`.
    """
    found = _Places()
    for run in source.runs:
        for file, (kind, line, why) in _not_parsed(run):
            found.add(file, line, f"which is not valid {kind}: {why}")
    yield from found.spots()
    quoted = _Places()
    for run in source.quoted:
        for file, (kind, line, why) in _not_parsed(run):
            if file.source not in found.sources:
                why = f"which with a quote in an answer is not valid {kind}: {why}"
                quoted.add(file, line, why)
    yield from quoted.spots(_ENCODE)


class _Places:
    """Faults of rendered files, each told once at its place, however many files have it."""

    def __init__(self) -> None:
        self.sources: set[str] = set()
        self._paths: dict[tuple[tuple[str, int], str], set[str]] = {}

    def add(self, file: RenderedFile, line: int, why: str) -> None:
        """One fault, at a line of a rendered file."""
        self.sources.add(file.source)
        self._paths.setdefault((file.origin(line), why), set()).add(file.path)

    def spots(self, hint: str = "") -> Iterator[Spot]:
        """What is told of them."""
        for (place, why), paths in self._paths.items():
            others = f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
            yield Spot(*place, f"renders `{min(paths)}`{others}, {why}", hint)


def _not_parsed(run: Run) -> Iterator[tuple[RenderedFile, tuple[str, int, str]]]:
    for file in run.files:
        if file.text and file.text.strip() and not is_ci(file):
            problem = _problem_of(file.path, file.text)
            if problem is not None:
                yield file, problem


def not_checked(source: Source) -> tuple[str, ...]:
    """What could not be read, since a program is missing."""
    files = (file for run in source.runs for file in run.files)
    if find_program(BASH) or not any(is_shell(file.path, file.text or "") for file in files):
        return ()
    return (f"shell files: the program `{BASH}` is not installed",)


def trailing_space(source: Source) -> Iterator[Spot]:
    """Space at the end of a line is seen by no reviewer, and many an editor takes it away.

    Then an upgrade conflicts with a change that nobody meant. Looked at is what is rendered: a tag
    that renders to nothing may leave space behind. In Markdown, two spaces after a word break the
    line, and may stay.
    """
    found = _Places()
    for run in source.runs:
        for file in run.files:
            breaks = file.path.endswith(".md")
            for number, whole in enumerate((file.text or "").split("\n"), 1):
                line = whole.removesuffix("\r")
                text = line.rstrip(" \t")
                if line != text and not (breaks and text and line == f"{text}  "):
                    found.add(file, number, "with space at a line's end")
    yield from found.spots()


def not_a_template(source: Source) -> Iterator[Spot]:
    """A file is filled in only where its name ends in the template's suffix.

    Without it, tags and braces get into the repo as they are. What is meant for another tool is
    silenced in blueprint.yml.
    """
    if not source.suffix:
        return
    for run in source.runs:
        for file in run.files:
            if not file.is_template and not file.source.endswith(source.suffix):
                for number, line in enumerate((file.text or "").split("\n"), 1):
                    if _is_meant(source, line):
                        message = f"`{source.suffix}` is missing: its tags are not filled in"
                        yield Spot(file.source, number, message)
                        break


def _is_meant(source: Source, line: str) -> bool:
    names = {match["name"] for match in _NAMED.finditer(line)}
    return bool(_BLOCK.search(line)) or not names.isdisjoint(source.questions)


RULES = (
    Rule("BP106", "Rendered file that is not valid", "Mend the line.", not_parsed),
    Rule(
        "BP107", "Space at the end of a line",
        "Take it away, or trim the tag beside it: `{%- ... -%}`.", trailing_space,
    ),
    Rule("BP108", "Template without its suffix", "Add the suffix to its name.", not_a_template),
)  # fmt: skip
