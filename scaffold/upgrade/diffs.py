"""Unified diffs as data. Pure."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from scaffold.render.answers_file import is_answers_file

_NONE = "/dev/null"
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_CONTEXT = 3  # lines around a change, as many as git shows
Opcode = tuple[str, int, int, int, int]
_VERSION = ("-_commit:", "+_commit:")


@dataclass(frozen=True)
class Hunk:
    """Adjacent lines, each with its sign, and the numbers of the first ones on both sides."""

    old: int
    new: int
    lines: tuple[str, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines that are added and removed."""
        return tuple(line for line in self.lines if line[:1] in {"+", "-"})

    @property
    def head(self) -> str:
        """Where it is."""
        old = sum(line[:1] != "+" for line in self.lines)
        new = sum(line[:1] != "-" for line in self.lines)
        return f"@@ -{_range(self.old, old)} +{_range(self.new, new)} @@"


@dataclass(frozen=True)
class FileDiff:
    """The changes of one file; `old` and `new` are the names in its header."""

    old: str
    new: str
    hunks: tuple[Hunk, ...] = ()

    @property
    def path(self) -> str:
        """The path of the file; of a deleted one, its earlier path."""
        return self.old.removeprefix("a/") if self.new == _NONE else self.new.removeprefix("b/")

    @property
    def is_removed(self) -> bool:
        """Whether the file goes."""
        return self.new == _NONE

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines that are added and removed."""
        return tuple(line for hunk in self.hunks for line in hunk.changed)

    @property
    def head(self) -> tuple[str, str]:
        """The two lines that it begins with."""
        return f"--- {self.old}", f"+++ {self.new}"

    @property
    def text(self) -> str:
        """As a unified diff."""
        hunks = (line for hunk in self.hunks for line in (hunk.head, *hunk.lines))
        return "\n".join((*self.head, *hunks))


def diff_file(path: str, before: str | None, after: str | None) -> FileDiff | None:
    """The changes of a file, None for a side without it; None where no line changes."""
    old, new = ([] if text is None else text.splitlines() for text in (before, after))
    hunks = tuple(
        _hunk(opcodes, old, new)
        for opcodes in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT)
    )
    if not hunks:
        return None
    return FileDiff(
        _NONE if before is None else f"a/{path}", _NONE if after is None else f"b/{path}", hunks
    )


def _hunk(opcodes: Sequence[Opcode], old: Sequence[str], new: Sequence[str]) -> Hunk:
    lines: list[str] = []
    for tag, i1, i2, j1, j2 in opcodes:
        if tag == "equal":
            lines += (f" {line}" for line in old[i1:i2])
            continue
        lines += (f"-{line}" for line in old[i1:i2])
        lines += (f"+{line}" for line in new[j1:j2])
    first, last = opcodes[0], opcodes[-1]
    # The range of a side without lines names the line before it:
    # https://pubs.opengroup.org/onlinepubs/9799919799/utilities/diff.html
    return Hunk(first[1] + (last[2] > first[1]), first[3] + (last[4] > first[3]), tuple(lines))


def diff_text(files: Iterable[FileDiff]) -> str:
    """As one unified diff."""
    return "\n".join(file.text for file in files)


def with_places(diff: str) -> Iterator[tuple[bool, str]]:
    """Each line of a diff, including git's lines between files, and whether it is file content.

    Only the lengths of the hunks tell: a removed line that begins with `-- `, as comments in SQL
    do, looks like the header of a file.
    """
    had = has = 0
    for line in diff.removesuffix("\n").split("\n"):
        inside = had > 0 or has > 0
        if inside:
            had -= line[:1] in {" ", "-"}
            has -= line[:1] in {" ", "+"}
        elif match := _HUNK.match(line):
            had, has = _lengths(match)
        yield inside, line


def conflicting_lines(file: FileDiff) -> list[str]:
    """The lines between conflict markers, with the markers, as in the merged file.

    A diff has only a few lines around each change: `...` stands for other lines of the owner.
    """
    lines: list[str] = []
    inside = False
    for hunk in file.hunks:
        if inside:
            lines.append("...")
        for line in hunk.lines:
            inside = inside or line.startswith("+<<<<<<< ")
            if inside and line[:1] != "-":
                lines.append(line[1:])
            inside = inside and not line.startswith("+>>>>>>> ")
    return lines


def without_version(files: tuple[FileDiff, ...]) -> tuple[FileDiff, ...]:
    """The files and lines without the recorded version, which every upgrade changes."""
    left = (_without(file) if is_answers_file(file.path) else file for file in files)
    return tuple(file for file in left if file.changed)


def _without(file: FileDiff) -> FileDiff:
    hunks = (
        replace(hunk, lines=tuple(line for line in hunk.lines if not line.startswith(_VERSION)))
        for hunk in file.hunks
    )
    return replace(file, hunks=tuple(hunk for hunk in hunks if hunk.changed))


def _lengths(head: re.Match[str]) -> tuple[int, int]:
    return int(head[2] or 1), int(head[4] or 1)


def _range(start: int, length: int) -> str:
    return str(start) if length == 1 else f"{start},{length}"
