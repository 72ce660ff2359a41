"""The manual page, of the same table of commands as the reference; `scripts/man` writes it."""

import inspect
import re
from collections.abc import Iterator

import typer

from docs_hooks.reference import exit_statuses, walk_commands
from scaffold.cli.commands import COMMANDS

_SEE = "`make docs` builds the documentation, with a reference of files, errors and JSON Schemas."
_MEANINGS = {
    "EXIT_DONE": "It is done; nothing failed.",
    "EXIT_FAILED": "Something failed, or a check did.",
    "EXIT_USAGE": "Wrong use: an unknown option, an answer that is not valid, no platform here.",
    "EXIT_STOPPED": "It was stopped, with Ctrl-C or by answering no.",
}


def man_page() -> str:
    """The page as roff, by the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.TH SCAFFOLD 1 "" "scaffold" "User Commands"'
    yield from (".SH NAME", f"scaffold \\- {_text(COMMANDS.summary.rstrip('.'))}")
    yield from (".SH SYNOPSIS", ".B scaffold", "COMMAND [OPTIONS] [ARGUMENTS]")
    yield ".SH COMMANDS"
    for context in walk_commands():
        yield from _command(context)
    yield ".SH EXIT STATUS"
    for name, status in exit_statuses().items():
        yield from (".TP", f".B {status}", _text(_MEANINGS[name]))
    yield from (".SH SEE ALSO", _text(_SEE))


def _command(context: typer.Context) -> Iterator[str]:
    yield f".SS {_text(context.command_path)}"
    for number, paragraph in enumerate(inspect.cleandoc(context.command.help or "").split("\n\n")):
        if number:
            yield ".PP"
        yield _text(" ".join(paragraph.split()))
    for one in context.command.get_params(context):
        if record := one.get_help_record(context):
            names, said = record
            yield from (".TP", f".B {_text(names)}", _text(" ".join(said.split())) or "\\&")


def _text(text: str) -> str:
    """Text in which roff sees no command (https://man7.org/linux/man-pages/man7/groff.7.html)."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", escaped)
