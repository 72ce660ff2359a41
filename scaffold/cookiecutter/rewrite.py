"""Texts of a cookiecutter template in copier's words: `cookiecutter.x` becomes `x`."""

import ast
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import jinja2

from scaffold.cookiecutter.report import Report
from scaffold.cookiecutter.syntax import (
    CONTEXT,
    Reference,
    Syntax,
    Token,
    local_names,
    references,
    replaced,
)

_EXTENSIONS = "cookiecutter.extensions"
# What cookiecutter's own extensions bring, by the name that a template calls it with.
_BROUGHT = {
    "jsonify": f"{_EXTENSIONS}.JsonifyExtension",
    "now": f"{_EXTENSIONS}.TimeExtension",
    "random_ascii_string": f"{_EXTENSIONS}.RandomStringExtension",
    "slugify": f"{_EXTENSIONS}.SlugifyExtension",
    "uuid4": f"{_EXTENSIONS}.UUIDExtension",
}
_BEFORE = {"jsonify": "|", "slugify": "|"}
_BY_CHANCE = ("random_ascii_string", "uuid4")
_INCLUDING = ("include", "import", "extends", "from")
_CHANGING = ("clear", "pop", "popitem", "setdefault", "update")
# The last is cruft's.
COOKIECUTTERS_OWN = ("_template", "_output_dir", "_repo_dir", "_checkout", "_commit")


@dataclass
class Seen:
    """What the texts of a template use."""

    variables: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    whole: bool = False

    def look(self, syntax: Syntax, text: str) -> None:
        """Add what a text uses; one that jinja can't read uses nothing."""
        try:
            tokens = syntax.tokens(text)
        except jinja2.TemplateSyntaxError:
            return
        for one in references(tokens):
            self.whole = self.whole or one.variable is None
            if one.variable is not None:
                self.variables.add(one.variable)
        self.local.update(local_names(tokens))
        self.extensions.update(_BROUGHT[name] for name, _ in _brought(tokens))


def _brought(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """What is called of cookiecutter's own extensions, and the lines."""
    for before, token in pairwise(tokens):
        if token.kind != "name" or token.text not in _BROUGHT:
            continue
        name = token.text
        is_tag = before.kind == "block_begin"
        if is_tag if name == "now" else before.text == _BEFORE.get(name, before.text) != ".":
            yield name, token.line


@dataclass(frozen=True)
class Rewriter:
    """Rewrites texts.

    `names` has copier's name for each of cookiecutter's variables; those in `kept` are read from
    the dictionary `cookiecutter`, since a template's own variables hide their names. `places` is
    what a file that others include is called now.
    """

    syntax: Syntax
    names: Mapping[str, str]
    kept: frozenset[str]
    places: Mapping[str, str]
    report: Report

    def __call__(self, text: str, where: str, first_line: int = 1) -> str:
        """A text in copier's words; what is left of it to a person is told as of `where`."""
        try:
            tokens = self.syntax.tokens(text)
        except jinja2.TemplateSyntaxError as error:
            self.report.leave(
                where,
                first_line + error.lineno - 1,
                f"jinja can't read it: {error.message}",
                "Mend it; cookiecutter can't render it either.",
            )
            return text
        self._tell_chance(tokens, where, first_line)
        changes = [
            (one.start, one.end, word)
            for one in references(tokens)
            if (word := self._word(one, where, first_line + one.line - 1)) is not None
        ]
        changes += self._includes(tokens, where, first_line)
        return replaced(text, sorted(changes))

    def _word(self, reference: Reference, where: str, line: int) -> str | None:
        """What stands for a reference now; None where it stays."""
        name = reference.variable
        if name is None:
            if reference.called in _CHANGING:
                self.report.leave(
                    where,
                    line,
                    f"`{CONTEXT}.{reference.called}()` changes no answer",
                    "Say it in copier.yml: by `default`, or by a question with `when: false`.",
                )
            return None
        if name in self.kept:
            return None
        if name not in self.names:
            self._tell_unknown(name, where, line)
            return None if name in COOKIECUTTERS_OWN else name
        return self.names[name]

    def _tell_unknown(self, name: str, where: str, line: int) -> None:
        if name in COOKIECUTTERS_OWN:
            self.report.leave(
                where,
                line,
                f"`{CONTEXT}.{name}` is empty",
                "Leave it out; nearest are `_copier_conf.src_path` and `_copier_conf.vcs_ref`.",
            )
            return
        self.report.leave(
            where,
            line,
            f"`{CONTEXT}.{name}` is no variable of the template",
            f"Ask for `{name}` in copier.yml, or leave it out.",
        )

    def _tell_chance(self, tokens: Sequence[Token], where: str, first_line: int) -> None:
        for name, line in _brought(tokens):
            if name in _BY_CHANCE:
                self.report.leave(
                    where,
                    first_line + line - 1,
                    f"`{name}` makes another value on each render, so upgrades conflict",
                    "Ask for the value in copier.yml, or name the file under `_skip_if_exists`.",
                )

    def _includes(
        self, tokens: Sequence[Token], where: str, first_line: int
    ) -> Iterator[tuple[int, int, str]]:
        for begin, keyword, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if begin.kind != "block_begin" or keyword.text not in _INCLUDING:
                continue
            path = str(ast.literal_eval(name.text)) if name.kind == "string" else ""
            place = self.places.get(posixpath.normpath(path))
            if place is not None:
                yield name.start, name.end, repr(place)
                continue
            self.report.leave(
                where,
                first_line + keyword.line - 1,
                f"what it {keyword.text}s can't be told" if not path else f"has no file {path!r}",
                "Write its path from the blueprint's top folder.",
            )
