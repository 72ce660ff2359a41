"""What a page of the docs has its reader type, and what it shows for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

DOCS = Path(__file__).parents[2] / "docs"
LEFT_OUT = "..."
_BLOCK = re.compile(
    r"(?:^ *<!-- not typed: (?P<why>[^>]+) -->\n)?"
    r"^(?P<indent> *)```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n"
    r"(?P<body>.*?)^(?P=indent)```$",
    re.M | re.S,
)
# A line of an indented block or of a block in another language that would be typed.
_COMMAND = re.compile(r"^ *(?:\$ |(?:scaffold|git|kubectl) [a-z-]+(?: .*)?)$", re.M)


@dataclass(frozen=True)
class Block:
    """A fenced block; `why` says why nobody can type it here, and is empty where one can."""

    kind: str
    title: str
    why: str
    body: str


@dataclass(frozen=True)
class Step:
    """A command, and the lines below it; `...` stands for what the page leaves out.

    A line that begins with `? ` is a prompt with the answer that the reader gives.
    """

    command: str
    shows: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(one["kind"], one["title"] or "", one["why"] or "", dedent(one["body"]))
        for one in _BLOCK.finditer(page)
    ]


def console(page: str) -> list[Block]:
    """Those in which a reader types."""
    return [one for one in blocks(page) if one.kind == "console"]


def steps(page: str) -> list[Step]:
    """The commands that can be typed here.

    A block without one has more of what the last one shows, after an empty line.
    """
    found: list[Step] = []
    for block in console(page):
        if block.why:
            continue
        before, *parts = re.split(r"^\$ ", block.body, flags=re.M)
        if before:
            last = found.pop()
            found.append(Step(last.command, (*last.shows, "", *before.splitlines())))
        found += [_step(part.splitlines()) for part in parts]
    return found


def _step(lines: list[str]) -> Step:
    """A command goes on in lines that bash asks for with `> `, and after a backslash."""
    command, *rest = lines
    while rest and (rest[0].startswith("> ") or command.endswith("\\")):
        command += "\n" + rest.pop(0).removeprefix("> ")
    return Step(command, tuple(rest))


def saved(page: str) -> Iterator[tuple[str, str]]:
    """The files of a page that it gives whole, by the name above each."""
    return ((one.title, one.body) for one in blocks(page) if one.title and one.kind != "console")


def untold_commands(page: str) -> list[str]:
    """Lines that look like commands and are in no console block, so that no test types them."""
    rest = _BLOCK.sub("", page)
    indented = re.findall(r"(?:^    .*\n)+", rest, flags=re.M)
    return [line.strip() for part in indented for line in _COMMAND.findall(part)]
