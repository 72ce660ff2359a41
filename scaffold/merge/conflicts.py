"""Conflicts recorded in the commit of a draft, so that a checkout can recreate them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scaffold.merge.decisions import Conflict, ConflictKind

_TRAILER = "Scaffold-Conflict"
# The kinds with several sides to choose from.
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
    """The paths of a conflicting file in the result, in the base and in the blueprint's render."""

    path: str
    base: str
    theirs: str


def conflict_trailers(conflicts: Iterable[Conflict], folder: str) -> tuple[str, ...]:
    """The trailers that record conflicts, each once; `folder` is the project's in the repo.

    A trailer has the path in the result, and the paths in both renders where they differ.
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
    """The sides that a trailer records; nothing for an invalid trailer of the same name."""
    try:
        pairs = json.loads(value)
    except (ValueError, RecursionError):
        return
    if isinstance(pairs, list) and len(pairs) in (1, 3) and all(map(_is_path, pairs)):
        yield Sides(*(pairs * 3)[:3])


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value
