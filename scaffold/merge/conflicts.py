"""Conflicts as the commit of a draft records them, so that a checkout can open them again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scaffold.merge.decisions import Conflict, ConflictKind

_TRAILER = "Scaffold-Conflict"
# Those of which there are sides to choose from.
_WITH_SIDES = frozenset(
    {
        ConflictKind.CONTENT,
        ConflictKind.BOTH_ADDED,
        ConflictKind.REMOVED_BY_BLUEPRINT,
        ConflictKind.BINARY,
        ConflictKind.TYPE,
        ConflictKind.LINK,
    }
)


@dataclass(frozen=True)
class Sides:
    """Where a file in conflict is in the result, in the base and in the blueprint's render."""

    path: str
    base: str
    theirs: str


def conflict_trailers(conflicts: Iterable[Conflict], folder: str) -> tuple[str, ...]:
    """The lines that record conflicts, each once; `folder` is the project's in the repo.

    A line has the path in the result, and where they are others those in both renders.
    """
    lines = (_trailer(conflict, folder) for conflict in conflicts if conflict.kind in _WITH_SIDES)
    return tuple(dict.fromkeys(lines))


def _trailer(conflict: Conflict, folder: str) -> str:
    prefix = f"{folder}/" if folder else ""
    places = [
        conflict.path, conflict.base_path or conflict.path, conflict.their_path or conflict.path
    ]  # fmt: skip
    named = places[:1] if len(set(places)) == 1 else places
    return f"{_TRAILER}: {json.dumps([prefix + place for place in named])}\n"


def recorded_conflicts(message: str) -> Iterator[Sides]:
    """The conflicts that a commit records."""
    for line in message.splitlines():
        key, colon, value = line.partition(": ")
        if key == _TRAILER and colon:
            yield from _sides(value)


def _sides(value: str) -> Iterator[Sides]:
    """The sides that a trailer names; nothing where somebody wrote another one of that name."""
    try:
        pairs = json.loads(value)
    except (ValueError, RecursionError):
        return
    if isinstance(pairs, list) and len(pairs) in (1, 3) and all(map(_is_path, pairs)):
        yield Sides(*(pairs * 3)[:3])


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value
