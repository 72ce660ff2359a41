"""Where files belong that one or both sides moved, and which of them fit there. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from scaffold.merge.decisions import Conflict
from scaffold.merge.layout import Clash, Layout


@dataclass(frozen=True)
class Placed:
    """A file that is in all three trees: its path in each, and in the result."""

    path: str
    here: str
    there: str
    place: str


def joined_path(path: str, here: str, there: str) -> str | None:
    """The path of a file that one side moved to another folder and the other side renamed.

    None where both sides changed the folder, or both the name.
    """
    was, mine, new = PurePosixPath(path), PurePosixPath(here), PurePosixPath(there)
    if mine.name == was.name and new.parent == was.parent:
        return str(mine.parent / new.name)
    if new.name == was.name and mine.parent == was.parent:
        return str(new.parent / mine.name)
    return None


def settle(files: Iterable[Placed], layout: Layout) -> tuple[list[Placed], list[Conflict]]:
    """Move in the layout each file that has room; the others stay, and may block others in turn.

    Files that swap places do not block each other.
    """
    known = list(files)
    moving = [file for file in known if file.place != file.here]
    for file in moving:
        layout.discard(file.here)
    for file in moving:
        layout.add(file.place)
    conflicts: list[Conflict] = []
    staying: set[str] = set()
    while blocked := [(file, clash) for file in moving if (clash := _clash(file, layout))]:
        for file, (kind, detail) in blocked:
            moving.remove(file)
            staying.add(file.path)
            layout.discard(file.place)
            layout.add(file.here)
            words = f"the blueprint moved it to {file.place}; {detail}"
            conflicts.append(Conflict(file.here, kind, words))
    settled = [replace(move, place=move.here) if move.path in staying else move for move in known]
    return settled, conflicts


def _clash(file: Placed, layout: Layout) -> Clash | None:
    """Why a file can't stay at its new place in the layout, or None."""
    layout.discard(file.place)
    clash = layout.clash(file.place)
    layout.add(file.place)
    return clash
