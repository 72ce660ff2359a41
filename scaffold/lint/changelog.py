"""CHANGELOG.md: the sections for the next version, and what they announce."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from packaging.version import Version

from scaffold.render.source import parse_version

CHANGELOG_FILE = "CHANGELOG.md"
_HEADING = re.compile(r"##\s+\[?(?P<name>[^\]\s]+)\]?")
_BREAKING = re.compile(r"^###\s+Removed\b|\bBREAKING\b|\*\*Breaking", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """The section about one version; None for the next one."""

    version: Version | None
    line: int
    text: str

    @property
    def has_entries(self) -> bool:
        """Whether it has more than headings."""
        return any(line.strip() and not line.startswith("#") for line in self.text.split("\n"))


def sections(text: str) -> Iterator[Section]:
    """The sections of a changelog; those without a version or `Unreleased` are left out."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith("## ")] + [len(lines)]
    for start, end in pairwise(starts):
        heading = _HEADING.match(lines[start])
        name = heading["name"] if heading else ""
        version = parse_version(name)
        if version is not None or name.lower() == "unreleased":
            yield Section(version, start + 1, "\n".join(lines[start + 1 : end]))


def to_come(text: str, released: Version) -> list[Section]:
    """The sections about what is not released yet."""
    return [
        section
        for section in sections(text)
        if section.version is None or section.version > released
    ]


def says_breaking(text: str, released: Version) -> bool:
    """Whether the next version is announced as breaking: by its major number or in words."""
    return any(
        _BREAKING.search(section.text)
        or (section.version is not None and section.version.major > released.major)
        for section in to_come(text, released)
    )
