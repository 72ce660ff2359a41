"""The merge's decision for each path, and the conflicts that are left to a person."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Why a path is as it is in the result."""

    ADDED = "added"  # new in the blueprint
    UPDATED = "updated"  # changed by the blueprint alone
    REMOVED = "removed"  # removed by the blueprint, not touched by the owner
    MERGED = "merged"  # changed by both, without a conflict
    MOVED = "moved"  # moved by one side; the other side's change followed
    KEPT_DELETED = "kept-deleted"  # deleted by the owner, changed by the blueprint
    LEFT_ALONE = "left-alone"  # excluded by the blueprint now, or a submodule that can't follow
    DRIVER = "driver"  # .gitattributes names a merge driver that can't run here
    IGNORED = "ignored"  # new in the blueprint, and .gitignore names it: not added
    CONVERTED = "converted"  # git keeps it in another form, by a filter that does not run here
    PIN = "pin"  # changed by the blueprint, and the bot's own: left as it is
    TASK = "task"  # changed by a task or migration of the template


class ConflictKind(StrEnum):
    """What a person has to look at, and why."""

    CONTENT = "content"  # both changed the same lines: markers
    BOTH_ADDED = "both-added"  # both added it, with other content: markers
    REMOVED_BY_BLUEPRINT = "removed-by-blueprint"  # the owner changed it: kept
    BINARY = "binary"  # both changed it, and it is no text: the owner's is kept
    TYPE = "type"  # a link on one side, a file on the other: the owner's is kept
    LINK = "link"  # both changed where a link points: the owner's is kept
    SUBMODULE = "submodule"  # the owner has a submodule there: kept
    MOVED_TWICE = "moved-twice"  # each side moved it elsewhere: the owner's place is kept
    PATH_TAKEN = "path-taken"  # the owner has something else there: not added or moved
    CASE = "case"  # the owner has a name that differs in case only: not added

    @property
    def words(self) -> str:
        """An explanation for readers who know neither the file nor the blueprint."""
        return _WORDS[self]


_WORDS = {
    ConflictKind.CONTENT: "both sides changed the same lines",
    ConflictKind.BOTH_ADDED: "both sides added it, with other content",
    ConflictKind.REMOVED_BY_BLUEPRINT: "the blueprint removed it, its owner changed or moved it",
    ConflictKind.BINARY: "both sides changed it, and it is no text",
    ConflictKind.TYPE: "it is a link on one side, a file on the other",
    ConflictKind.LINK: "both sides changed where it points",
    ConflictKind.SUBMODULE: "its owner has a submodule there",
    ConflictKind.MOVED_TWICE: "each side moved it elsewhere",
    ConflictKind.PATH_TAKEN: "its owner has something else there",
    ConflictKind.CASE: "its owner has a name that differs in case only",
}
_ADVICE = {
    ConflictKind.CONTENT: "choose between the sides at the markers",
    ConflictKind.BOTH_ADDED: "choose between the sides at the markers",
    ConflictKind.REMOVED_BY_BLUEPRINT: "the blueprint has it no more: delete it, or keep it",
    ConflictKind.BINARY: "yours was kept: the blueprint's is in the second parent",
    ConflictKind.TYPE: "yours was kept: look whether it should become what the blueprint has",
    ConflictKind.LINK: "yours was kept: look whether it should point where the blueprint's does",
    ConflictKind.SUBMODULE: "your submodule was kept: does the blueprint's file belong there?",
    ConflictKind.MOVED_TWICE: "it stays where you moved it: look whether that still fits",
    ConflictKind.PATH_TAKEN: "yours was kept: move it away, or leave the blueprint's out",
    ConflictKind.CASE: "yours was kept: the two can't live in one folder on every machine",
}


@dataclass(frozen=True)
class Decision:
    """One path and its decision; `detail` says where it moved from, or what was left out.

    `old` is the owner's path of a file that the upgrade moves.
    """

    path: str
    kind: Kind
    detail: str = ""
    old: str = ""


@dataclass(frozen=True)
class Conflict:
    """A path that a person has to look at.

    `base_path` and `their_path` are its paths in the renders, if they differ.
    """

    path: str
    kind: ConflictKind
    detail: str = ""
    base_path: str = ""
    their_path: str = ""

    @property
    def advice(self) -> str:
        """What to do about it."""
        return _ADVICE[self.kind]


def shown(text: str) -> str:
    """A printable path: bytes that are not UTF-8 are written as escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
