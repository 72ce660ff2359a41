"""Deletes what a deploy put on the cluster and no longer wants; a namespace only when empty."""

import time
from collections.abc import Iterable

from scaffold.errors import DeployError
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.inventory import Entry, Place, deploy_place
from scaffold.pipeline.deploy.objects import Json, key_of, owner_of, uid_of
from scaffold.pipeline.deploy.plan import Action, Outcome

DELETE_TIMEOUT = 120.0
_POLL = 1.0
_NAMED = 5
# What every cluster puts into every namespace by itself, or that tells of what was there.
_DEFAULTS = frozenset(
    {
        ("", "ConfigMap", "kube-root-ca.crt"),
        ("", "ConfigMap", "openshift-service-ca.crt"),
        ("", "ServiceAccount", "default"),
    }
)


def prune(
    cluster: Cluster,
    place: Place,
    entries: Iterable[Entry],
    *,
    delete_data: bool,
    dry_run: bool = False,
) -> list[Action]:
    """Delete these objects, the last applied first and namespaces last, and wait until they go.

    A dry run deletes none.
    Raises DeployError where one does not go in time; it stays in the inventory.
    """
    actions, waiting = [], []
    for entry in _in_order(entries):
        if entry.key.is_namespace and (why := _in_use(cluster, place, entry, delete_data)):
            actions.append(Action(Outcome.KEPT, entry.key, why))
        elif dry_run or cluster.delete(entry.key, entry.uid):
            actions.append(Action(Outcome.PRUNED, entry.key))
            waiting.append(entry)
        else:
            why = "it was deleted and made anew by somebody else"
            actions.append(Action(Outcome.LEFT, entry.key, why))
    if not dry_run:
        _wait(cluster, waiting)
    return actions


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    last_first = list(entries)[::-1]
    return sorted(last_first, key=lambda entry: entry.key.is_namespace)


def _wait(cluster: Cluster, entries: list[Entry]) -> None:
    deadline = time.monotonic() + DELETE_TIMEOUT
    while entries:
        live = cluster.live(entry.key for entry in entries)
        entries = [e for e in entries if e.key in live and uid_of(live[e.key]) == e.uid]
        if entries and time.monotonic() > deadline:
            raise DeployError(
                f"{len(entries)} objects are still being deleted after {DELETE_TIMEOUT:g} s",
                details=[f"{e.key}: waits for {_finalizers(live[e.key])}" for e in entries],
                hint="A controller that holds a finalizer is slow or gone. "
                "They stay in the inventory: run the step again once that is fixed.",
            )
        if entries:
            time.sleep(_POLL)


def _finalizers(item: Json) -> str:
    metadata, spec = item["metadata"], item.get("spec") or {}
    names = [*metadata.get("finalizers", []), *spec.get("finalizers", [])]
    return ", ".join(names) or "the cluster"


def _in_use(cluster: Cluster, place: Place, entry: Entry, delete_data: bool) -> str:
    """Why a namespace must stay: what it holds that is not ours; empty where nothing is.

    With `delete_data` only another service's objects make it stay.
    """
    try:
        items = cluster.contents(entry.key.name)
    except DeployError as error:
        return f"nobody can tell what it holds: {error.what}"
    mine = {place.owner, deploy_place(place.service, "", entry.key.name).owner}
    others = {
        key_of(item): owner_of(item)
        for item in items
        if owner_of(item) != place.owner and not _is_default(item)
    }
    if delete_data:
        others = {key: owner for key, owner in others.items() if owner and owner not in mine}
    if not others:
        return ""
    named = [f"{key.kind} {key.name}" for key in sorted(others)[:_NAMED]]
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f"it still holds {', '.join(named)}{more}"


def _is_default(item: Json) -> bool:
    key = key_of(item)
    return key.kind == "Event" or (key.group, key.kind, key.name) in _DEFAULTS
