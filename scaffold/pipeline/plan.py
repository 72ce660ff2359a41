"""What a deploy would do to each object, and why; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scaffold.pipeline.inventory import Entry, Place, is_access_owner, union
from scaffold.pipeline.objects import Json, Key, holds_data, key_of, owner_of, uid_of


class Outcome(StrEnum):
    """What became of an object."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    PRUNED = "pruned"
    KEPT = "kept"  # still in the inventory
    GONE = "gone"  # somebody else deleted it
    LEFT = "left"  # somebody else's by now, so no longer in the inventory


@dataclass(frozen=True)
class Action:
    """One object and what became of it."""

    outcome: Outcome
    key: Key
    why: str = ""


@dataclass(frozen=True)
class Plan:
    """What to do. `widened` is the inventory while it is being done."""

    apply: tuple[Key, ...]
    prune: tuple[Entry, ...]
    keep: tuple[Entry, ...]
    gone: tuple[Key, ...]
    left: tuple[Key, ...]
    taken: tuple[tuple[Key, str], ...]
    widened: tuple[Entry, ...]


def make_plan(
    place: Place,
    entries: tuple[Entry, ...],
    wanted: tuple[Key, ...],
    live: Mapping[Key, Json],
    *,
    delete_data: bool,
) -> Plan:
    """Compare the tree and the inventory with what is on the cluster.

    `taken` has the wanted objects that are there and are not ours, with their owner.
    """
    listed = {entry.key: entry for entry in entries}
    prune, keep, gone, left = [], [], [], []
    for key, entry in listed.items():
        item = live.get(key)
        if key in wanted:
            continue
        if item is None:
            gone.append(key)
        elif not is_ours(place, entry, item):
            left.append(key)
        elif holds_data(item) and not delete_data:
            keep.append(Entry(key, uid_of(item)))
        else:
            prune.append(Entry(key, uid_of(item)))
    taken = [
        (key, owner_of(live[key]))
        for key in wanted
        if key in live
        and not is_ours(place, listed.get(key), live[key])
        and not is_shared(place, live[key])
    ]
    return Plan(
        wanted,
        tuple(prune),
        tuple(keep),
        tuple(gone),
        tuple(left),
        tuple(taken),
        union(entries, (Entry(key) for key in wanted)),
    )


def is_ours(place: Place, entry: Entry | None, item: Json) -> bool:
    """Whether a live object belongs to this inventory: it says so, or we know its uid.

    One that names another inventory was handed over.
    """
    owner = owner_of(item)
    if owner == place.owner:
        return True
    if owner:
        return False
    return entry is not None and entry.uid != "" and entry.uid == uid_of(item)


def is_shared(place: Place, item: Json) -> bool:
    """Whether it is a namespace that another service's access tree holds too.

    The services of a team may have one namespace together. It stays with the inventory that made
    it, which deletes it once nothing else is in it.
    """
    return key_of(item).is_namespace and is_access_owner(place, owner_of(item))
