"""A rollback is a revert, and is respected: which artefacts a pin was moved away from. Pure.

A move back is told by ancestry alone, whoever committed it: a revert has no trailers, and a merge
request that was merged has a human author. What a pin moved away from is held at that pin; later
stages take what this one has, so they never get it either.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise


def held_artefacts(
    values: Sequence[str | None],
    *,
    is_ancestor: Callable[[str, str], bool],
    artefact: Callable[[str], str],
) -> frozenset[str]:
    """The artefacts that are held, given what a pin was, oldest first (None: nothing).

    `is_ancestor(older, newer)` is about the upstream repo. A move to a held artefact by hand (a
    promotion, or a revert of the revert) lifts the hold.
    """
    held: set[str] = set()
    for before, after in pairwise(values):
        if before is None or before == after:
            if after is not None:
                held.discard(artefact(after))
            continue
        if after is None or is_ancestor(after, before):
            held.add(artefact(before))
        if after is not None:
            held.discard(artefact(after))
    return frozenset(held)
