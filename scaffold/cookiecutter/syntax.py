"""How a text of a cookiecutter template names things, as jinja reads it.

A text is read by jinja's own lexer and changed where a name stands, so that all else, comments and
`{% raw %}` and white space among it, stays as it is.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jinja2

from scaffold.errors import ConfigError

CONTEXT = "cookiecutter"
_MARKS = ("variable_start_string", "variable_end_string", "block_start_string", "block_end_string")
_KINDS = ("variable", "block", "comment")
_DATA = ("data", "whitespace")
# What stands before a name that is no variable: an attribute, a filter or a test.
_NO_VARIABLE = {".", "|", "is"}


@dataclass(frozen=True)
class Token:
    """A word of a text: jinja's kind of it, the word, its first character's place, its line."""

    kind: str
    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """The place after it."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Reference:
    """A place that names `cookiecutter`: the variable of it, None for it as a whole.

    `called` is a method of the dictionary that is called there.
    """

    variable: str | None
    called: str | None
    start: int
    end: int
    line: int


class Syntax:
    """The marks of a template's jinja, cookiecutter's `_jinja2_env_vars`."""

    def __init__(self, options: Mapping[str, Any], where: str) -> None:
        """Raise ConfigError where jinja knows no such option."""
        try:
            # Nothing is rendered by it.
            self._environment = jinja2.Environment(  # noqa: S701
                **options, keep_trailing_newline=True
            )
        except (TypeError, AssertionError) as error:
            raise ConfigError(
                f"`_jinja2_env_vars` has what jinja does not take: {error}", where=where
            ) from error

    def variable(self, expression: str) -> str:
        """A text that renders to a value."""
        start, end = (getattr(self._environment, mark) for mark in _MARKS[:2])
        return f"{start} {expression} {end}"

    def block(self, statement: str) -> str:
        """A statement, next to which no white space is taken away."""
        start, end = (getattr(self._environment, mark) for mark in _MARKS[2:])
        takes_away = self._environment.trim_blocks or self._environment.lstrip_blocks
        keep = "+" if takes_away else ""
        return f"{start}{keep} {statement} {keep}{end}"

    def filtered(self, text: str, filters: str) -> str:
        """What a text renders to, after filters."""
        captured = f"{self.block('set _text')}{self._enclosed(text)}{self.block('endset')}"
        return captured + self.variable(f"_text | {filters}")

    def _enclosed(self, text: str) -> str:
        """A text that renders the same between two statements."""
        with suppress(jinja2.TemplateSyntaxError):
            # Jinja takes white space away at the beginning of a line, which this may be no more.
            text = text[self.tokens(text)[0].start :] if text else text
        marks = [getattr(self._environment, f"{one}_start_string") for one in _KINDS]
        starts = (mark[:count] for mark in marks for count in range(1, len(mark)))
        # With what comes next it would be another mark.
        last = max((one for one in starts if text.endswith(one)), key=len, default="")
        return text.removesuffix(last) + (self._raw(last) if last else "")

    def raw(self, text: str) -> str:
        """A text that renders to this one; itself where it has no syntax."""
        return self._raw(text) if self.is_template(text) else text

    def _raw(self, text: str) -> str:
        start, end = (getattr(self._environment, mark) for mark in _MARKS[2:])
        return f"{start} raw {end}{text}{self.block('endraw')}"

    def tokens(self, text: str) -> list[Token]:
        r"""The words of a text, which has `\n` for line ends; white space in tags is left out.

        Raises jinja2.TemplateSyntaxError.
        """
        found = []
        place = 0
        for line, kind, word in self._environment.lex(text):
            # Between two words may be white space that jinja takes away.
            start = text.index(word, place)
            place = start + len(word)
            if kind != "whitespace":
                found.append(Token(kind, word, start, line))
        return found

    def is_template(self, text: str) -> bool:
        """Whether a text has syntax of jinja's, be it wrong."""
        try:
            return any(token.kind not in _DATA for token in self.tokens(text))
        except jinja2.TemplateSyntaxError:
            return True


def references(tokens: Sequence[Token]) -> Iterator[Reference]:
    """All places that name `cookiecutter`."""
    for index, token in enumerate(tokens):
        if not _is_variable(tokens, index) or token.text != CONTEXT:
            continue
        after = [one.text for one in tokens[index + 1 : index + 4]]
        kinds = [one.kind for one in tokens[index + 1 : index + 4]]
        if after[:1] == ["."] and kinds[1:2] == ["name"]:
            end = tokens[index + 2].end
            if after[2:] == ["("]:
                yield Reference(None, after[1], token.start, end, token.line)
            else:
                yield Reference(after[1], None, token.start, end, token.line)
        elif after[:1] == ["["] and kinds[1:2] == ["string"] and after[2:] == ["]"]:
            name = str(ast.literal_eval(after[1]))
            yield Reference(name, None, token.start, tokens[index + 3].end, token.line)
        else:
            yield Reference(None, None, token.start, token.end, token.line)


def local_names(tokens: Sequence[Token]) -> Iterator[str]:
    """The names of a text's own variables, such as those of loops; a keyword may be among them."""
    in_macro = False
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind == "block_begin":
            in_macro = tokens[index + 1].text in ("macro", "call")
        elif token.kind == "operator":
            depth += (token.text in "([{") - (token.text in ")]}")
        elif _is_variable(tokens, index) and token.text != CONTEXT:
            is_keyword = depth and not in_macro and tokens[index + 1].text == "="
            if not is_keyword:
                yield token.text


def _is_variable(tokens: Sequence[Token], index: int) -> bool:
    return tokens[index].kind == "name" and (
        index == 0 or tokens[index - 1].text not in _NO_VARIABLE
    )


def replaced(text: str, changes: Sequence[tuple[int, int, str]]) -> str:
    """A text with other words from one place to another, in the order of the places."""
    parts = []
    place = 0
    for start, end, word in changes:
        parts += [text[place:start], word]
        place = end
    return "".join([*parts, text[place:]])
