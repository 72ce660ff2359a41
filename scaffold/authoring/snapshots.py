"""Snapshots of what a blueprint renders, for syrupy: differences are shown as those of files."""

import difflib
import re
from collections.abc import Iterator

from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.terminal import bold, green, red, reset

# How `Paired.text` begins each file.
_FILE = re.compile(r"===== (?P<path>.+)")
_COLORS = {"-": red, "+": green}
_OF_NAMES = 2  # the lines of a diff that name its two sides


class RenderedSnapshots(AmberSnapshotExtension):
    """Snapshots whose differences are unified diffs, a file each.

    In conftest.py: `return snapshot.use_extension(RenderedSnapshots)`.
    """

    def diff_lines(self, serialized_data: object, snapshot_data: object) -> Iterator[str]:
        """What is shown where a snapshot differs."""
        before, now = _files(str(snapshot_data)), _files(str(serialized_data))
        for path in sorted(before.keys() | now.keys()):
            lines = difflib.unified_diff(
                before.get(path, []),
                now.get(path, []),
                f"snapshot/{path}" if path in before else "/dev/null",
                f"rendered/{path}" if path in now else "/dev/null",
                lineterm="",
            )
            yield from (_coloured(number, line) for number, line in enumerate(lines))


def _coloured(number: int, line: str) -> str:
    """A line of a diff as git shows it; syrupy says whether there is colour."""
    style = bold if number < _OF_NAMES else _COLORS.get(line[:1], reset)
    return style(line)


def _files(text: str) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in _without_quotes(text.split("\n")):
        if found := _FILE.fullmatch(line):
            lines = files.setdefault(found["path"], [])
        else:
            lines.append(line)
    return files


def _without_quotes(lines: list[str]) -> list[str]:
    """What syrupy puts around a text of several lines is not part of the last file."""
    if lines and lines[-1].strip() == "'''":
        lines = lines[:-1]
    return lines[:-1] if lines and not lines[-1].strip() else lines
