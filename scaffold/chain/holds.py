"""A rollback is a revert, and is respected: which artefacts a pin was moved away from. Pure.

A move back is told by ancestry alone, whoever committed it: a revert has no trailers, and a merge
request that was merged has a human author. What a pin moved away from is held at that pin; later
stages take what this one has, so they never get it either.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

IsAncestor = Callable[[str, str], bool]


def held_artefacts(
    values: Sequence[str | None], *, is_ancestor: IsAncestor, artefact: Callable[[str], str]
) -> frozenset[str]:
    """The artefacts that are held, given what a pin was, oldest first (None: nothing).

    `is_ancestor(older, newer)` is about the upstream repo. A move to a held artefact by hand (a
    promotion, or a revert of the revert) lifts the hold. Artefacts cost much more than ancestry,
    so none is asked for before a pin moved back.
    """
    held: set[str] = set()
    for before, after in pairwise(values):
        if before is not None and _went_back(before, after, is_ancestor):
            held.add(artefact(before))
        if held and after is not None:
            held.discard(artefact(after))
    return frozenset(held)


def _went_back(before: str, after: str | None, is_ancestor: IsAncestor) -> bool:
    return after is None or (after != before and is_ancestor(after, before))
