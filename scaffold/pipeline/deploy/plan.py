"""What a deploy would do to each object, and why; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scaffold.pipeline.deploy.inventory import Entry, Place, is_access_owner, union
from scaffold.pipeline.deploy.objects import Json, Key, holds_data, key_of, owner_of, uid_of


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
    """What to do.

    `taken` has the wanted objects that are there and are not ours, with their owner; `widened` is
    the inventory while it is being done.
    """

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
    """Compare the tree and the inventory with what is on the cluster."""
    listed = {entry.key: entry for entry in entries}
    leftover = {key: live.get(key) for key in listed if key not in wanted}
    there = {key: item for key, item in leftover.items() if item is not None}
    ours = {key: item for key, item in there.items() if is_ours(place, listed[key], item)}
    data = {key for key, item in ours.items() if holds_data(item) and not delete_data}
    return Plan(
        apply=wanted,
        prune=tuple(Entry(key, uid_of(item)) for key, item in ours.items() if key not in data),
        keep=tuple(Entry(key, uid_of(item)) for key, item in ours.items() if key in data),
        gone=tuple(key for key, item in leftover.items() if item is None),
        left=tuple(key for key in there if key not in ours),
        taken=tuple(
            (key, owner_of(live[key]))
            for key in wanted
            if key in live and not _may_apply(place, listed.get(key), live[key])
        ),
        widened=union(entries, (Entry(key) for key in wanted)),
    )


def _may_apply(place: Place, entry: Entry | None, item: Json) -> bool:
    return is_ours(place, entry, item) or is_shared(place, item)


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
