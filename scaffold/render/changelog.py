"""CHANGELOG.md: its sections, those between two versions, and what the next one announces."""

import difflib
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
    heading: str
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
            yield Section(version, start + 1, lines[start], "\n".join(lines[start + 1 : end]))


def between(before: str, after: str, old: Version | None, new: Version | None) -> str:
    """What the changelog `after` tells of the way from one version to another, whole sections.

    Of versions that are none (commits), the sections count that the changelog `before` is without;
    in a changelog without sections, the lines that were added to it.
    """
    listed = list(sections(after))
    if not listed:
        return _added(before, after)
    there = {one.version: one.text for one in sections(before)}
    named = {one.version for one in listed}

    def is_told(one: Section) -> bool:
        if one.version is None:  # what a version that has a section has under it comes later
            return one.has_entries and new not in named - {None} and one.text != there.get(None)
        if old is None or new is None:
            return one.version not in there
        return old < one.version <= new

    told = (f"{one.heading}\n{one.text}".strip() for one in listed if is_told(one))
    return "\n\n".join(told)


def _added(before: str, after: str) -> str:
    one, other = before.splitlines(), after.splitlines()
    changes = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    kept = [line for tag, _, _, start, end in changes if tag != "equal"
            for line in other[start:end]]  # fmt: skip
    return "\n".join(kept).strip()


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
