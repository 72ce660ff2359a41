"""Brings a cluster to what a tree says, in an order in which a crash loses track of nothing.

1. widen: the inventory lists what is there and what is to come;
2. apply;
3. prune what the inventory lists and the tree does not;
4. narrow: the inventory lists what is there now.
Killed anywhere, the next run starts at 1 with an inventory that has everything.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from scaffold.errors import DeployError, RaceError
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.fields import changed_fields
from scaffold.pipeline.deploy.inventory import Entry, Inventory, Place
from scaffold.pipeline.deploy.objects import (
    OWNER,
    Json,
    Key,
    key_of,
    owned_by,
    uid_of,
)
from scaffold.pipeline.deploy.plan import Action, Outcome, Plan, is_shared, make_plan
from scaffold.pipeline.deploy.prune import prune

ATTEMPTS = 4
PAUSE = 1.0


@dataclass(frozen=True)
class Wish:
    """What is to be there. `may_prune` is False where nobody asked for anything to go."""

    place: Place
    items: tuple[Json, ...]
    may_prune: bool = True
    delete_data: bool = False
    dry_run: bool = False


def reconcile(cluster: Cluster, wish: Wish) -> tuple[Action, ...]:
    """Apply, prune and record; return what became of each object.

    Raises DeployError where a part of it is refused, or somebody else deploys at the same time.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _once(cluster, wish)
        except RaceError:
            time.sleep(PAUSE * attempt)
    raise DeployError(
        "another deploy of the same service is at work",
        where=f"ConfigMap {wish.place.owner}",
        hint="Nothing was lost track of: run the step again when the other one is done.",
    )


def _once(cluster: Cluster, wish: Wish) -> tuple[Action, ...]:
    inventory = cluster.read(wish.place)
    versions = {key_of(item): str(item["apiVersion"]) for item in wish.items}
    live = cluster.live([*versions, *_keys(inventory, but=versions)], versions)
    plan = make_plan(
        wish.place, inventory.entries, tuple(versions), live, delete_data=wish.delete_data
    )
    _refuse(wish, plan)
    if not wish.dry_run:
        inventory = _record(cluster, wish.place, inventory, plan.widened)
    after = _apply(cluster, wish, live)
    pruned = prune(
        cluster, wish.place, plan.prune, delete_data=wish.delete_data, dry_run=wish.dry_run
    )
    if not wish.dry_run:
        _record(cluster, wish.place, inventory, _narrowed(plan, after, pruned))
    return (*_applied(live, after), *pruned, *_untouched(plan))


def _apply(cluster: Cluster, wish: Wish, live: Mapping[Key, Json]) -> dict[Key, Json]:
    """Apply what is ours to apply, and return all that was wished for as it is then.

    A shared namespace is as its owner's tree has it, or the two would change it in turns.
    """
    place, items, shared = wish.place, [], {}
    absent = _absent_namespaces(wish, live)
    for item in wish.items:
        key = key_of(item)
        if key in live and is_shared(place, live[key]):
            shared[key] = live[key]
        elif key.namespace in absent:
            shared[key] = item
        else:
            items.append(owned_by(item, place.owner))
    after = {**shared, **cluster.apply(items, dry_run=wish.dry_run)}
    wished = [key for item in wish.items if (key := key_of(item)) in after]
    return {**{key: after[key] for key in wished}, **after}


def _absent_namespaces(wish: Wish, live: Mapping[Key, Json]) -> frozenset[str]:
    """The namespaces that a dry run would make; a server refuses what would be in them."""
    made = (key for item in wish.items if (key := key_of(item)).is_namespace and key not in live)
    return frozenset(key.name for key in made) if wish.dry_run else frozenset()


def _keys(inventory: Inventory, *, but: Mapping[Key, str]) -> list[Key]:
    return [entry.key for entry in inventory.entries if entry.key not in but]


def _record(
    cluster: Cluster, place: Place, inventory: Inventory, entries: tuple[Entry, ...]
) -> Inventory:
    """Write the inventory where it differs, delete it where nothing is left."""
    if entries == inventory.entries:
        return inventory
    if entries:
        return cluster.write(place, replace(inventory, entries=entries))
    if not cluster.delete(place.key, inventory.uid, version=inventory.version):
        raise RaceError("the inventory changed meanwhile", where=f"ConfigMap {place.owner}")
    return Inventory()


def _narrowed(plan: Plan, after: Mapping[Key, Json], pruned: list[Action]) -> tuple[Entry, ...]:
    """What is there at the end: what was applied, and what was to stay."""
    stayed = {action.key for action in pruned if action.outcome is Outcome.KEPT}
    return (
        *(Entry(key, uid_of(after[key])) for key in plan.apply),
        *plan.keep,
        *(entry for entry in plan.prune if entry.key in stayed),
    )


def _applied(live: Mapping[Key, Json], after: Mapping[Key, Json]) -> list[Action]:
    actions = []
    for key, item in after.items():
        if key not in live:
            actions.append(Action(Outcome.APPLIED, key, "it was not there"))
        elif changed := changed_fields(live[key], item):
            actions.append(Action(Outcome.APPLIED, key, changed))
        else:
            actions.append(Action(Outcome.UNCHANGED, key))
    return actions


def _untouched(plan: Plan) -> list[Action]:
    return [
        *(
            Action(Outcome.KEPT, entry.key, "it holds data; `--delete-data` would delete it")
            for entry in plan.keep
        ),
        *(Action(Outcome.GONE, key, "somebody deleted it before") for key in plan.gone),
        *(Action(Outcome.LEFT, key, "it belongs to somebody else by now") for key in plan.left),
    ]


def _refuse(wish: Wish, plan: Plan) -> None:
    """Raise DeployError for what a deploy must not do; nothing was changed so far."""
    where = wish.place.owner
    if plan.taken:
        raise DeployError(
            "objects of these names are there already and were not put there by this deploy",
            where=where,
            details=[
                f"{key}: {f'of {owner}' if owner else 'by hand'}" for key, owner in plan.taken
            ],
            hint="Give yours another name, or hand the object over: "
            f"{_handing_over(plan.taken[0][0], where)}",
        )
    if plan.prune and not wish.may_prune:
        raise DeployError(
            f"nothing is released there, and {len(plan.prune)} objects are on the cluster; "
            "nothing was deleted",
            where=where,
            details=[str(entry.key) for entry in plan.prune],
            hint="Revert the commit that emptied it, or take the service off the cluster: "
            "`scaffold retire`.",
        )


def _handing_over(key: Key, owner: str) -> str:
    kind = f"{key.kind}.{key.group}" if key.group else key.kind
    place = f" --namespace {key.namespace}" if key.namespace else ""
    return f"kubectl annotate{place} --overwrite {kind} {key.name} {OWNER}={owner}"
