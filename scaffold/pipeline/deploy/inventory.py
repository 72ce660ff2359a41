"""What a deploy put on a cluster, kept there in one ConfigMap; pure, the cluster is elsewhere.

It is the only list that a prune goes by. It is widened before anything is applied and narrowed
after everything was pruned, so that a crash at any point loses track of nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from scaffold.config.json_reader import read_json
from scaffold.errors import ConfigError, DeployError
from scaffold.pipeline.deploy.objects import Json, Key

FORMAT = "1"
MANAGED_BY = "app.kubernetes.io/managed-by"
SERVICE = "scaffold/service"
ENVIRONMENT = "scaffold/environment"
_PREFIXES = ("scaffold-inventory-", "scaffold-access-")


@dataclass(frozen=True)
class Place:
    """Whose inventory it is and where it lies."""

    service: str
    environment: str
    namespace: str
    name: str

    @property
    def owner(self) -> str:
        """What objects of this inventory are annotated with."""
        return f"{self.namespace}/{self.name}"

    @property
    def key(self) -> Key:
        """The ConfigMap that holds it."""
        return Key("", "ConfigMap", self.namespace, self.name)


@dataclass(frozen=True)
class Entry:
    """One object; the uid is empty from before it is applied until the deploy ends."""

    key: Key
    uid: str = ""


@dataclass(frozen=True)
class Inventory:
    """The entries, and the version of the ConfigMap that they were read from (empty: none yet)."""

    entries: tuple[Entry, ...] = ()
    uid: str = ""
    version: str = ""


def deploy_place(service: str, environment: str, namespace: str) -> Place:
    """Where the inventory of a service's deploy lies: beside what it lists."""
    return Place(service, environment, namespace, f"{_PREFIXES[0]}{service}")


def access_place(service: str, environment: str, namespace: str) -> Place:
    """Where the inventory of a service's namespace, quota and roles lies.

    A dot, which no service's and no environment's name holds, keeps `a` + `b-c` apart from
    `a-b` + `c`: several environments may be on one cluster.
    """
    return Place(service, environment, namespace, f"{_PREFIXES[1]}{service}.{environment}")


def is_reserved(key: Key) -> bool:
    """Whether a tree must not hold this object, since scaffold keeps an inventory of that name."""
    return (key.group, key.kind) == ("", "ConfigMap") and key.name.startswith(_PREFIXES)


def is_access_owner(place: Place, owner: str) -> bool:
    """Whether `owner` is an inventory of access trees, as `place` is."""
    prefix = f"{place.namespace}/{_PREFIXES[1]}"
    return place.owner.startswith(prefix) and owner.startswith(prefix)


def union(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """Every object of either; where both have one, the entry of `new`, unless it has no uid."""
    merged = {entry.key: entry for entry in old}
    for entry in new:
        if entry.uid or entry.key not in merged:
            merged[entry.key] = entry
    return tuple(merged.values())


def write_inventory(place: Place, inventory: Inventory) -> Json:
    """The ConfigMap; it names the version that it replaces, so that no write is lost."""
    lines = ",\n".join(json.dumps(_line(entry)) for entry in inventory.entries)
    metadata: Json = {
        "name": place.name,
        "namespace": place.namespace,
        "labels": {
            MANAGED_BY: "scaffold",
            SERVICE: place.service,
            ENVIRONMENT: place.environment,
        },
    }
    if inventory.version:
        metadata |= {"uid": inventory.uid, "resourceVersion": inventory.version}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {
            "format": FORMAT,
            "environment": place.environment,
            "objects": f"[\n{lines}\n]\n",
        },
    }


def read_inventory(place: Place, item: Json | None) -> Inventory:
    """The inventory of a ConfigMap, empty where there is none.

    Raises DeployError where it is another environment's, or can't be read: going on with an empty
    one would lose track of what is there.
    """
    if item is None:
        return Inventory()
    data, metadata = item.get("data") or {}, item["metadata"]
    if data.get("format") != FORMAT:
        raise _unreadable(place, f"its format is {data.get('format')!r}, this one knows {FORMAT}")
    if data.get("environment") != place.environment:
        raise DeployError(
            f"holds what environment `{data.get('environment')}` of `{place.service}` deployed, "
            f"not `{place.environment}`",
            where=f"ConfigMap {place.owner}",
            hint="Give each environment a namespace of its own, in platform.yml.",
        )
    try:
        listed = read_json(data["objects"], source="objects")
        entries = tuple(_entry(line) for line in listed)
    except (ConfigError, KeyError, TypeError) as error:
        raise _unreadable(place, f"`objects` is malformed: {error}") from error
    return Inventory(entries, metadata["uid"], metadata["resourceVersion"])


def _line(entry: Entry) -> dict[str, str]:
    return {
        "group": entry.key.group,
        "kind": entry.key.kind,
        "namespace": entry.key.namespace,
        "name": entry.key.name,
        "uid": entry.uid,
    }


def _entry(line: dict[str, str]) -> Entry:
    group, kind, namespace, name, uid = values = [
        line[part] for part in ("group", "kind", "namespace", "name", "uid")
    ]
    if not all(isinstance(value, str) for value in values):
        raise TypeError(f"{line} holds more than text")
    return Entry(Key(group, kind, namespace, name), uid)


def _unreadable(place: Place, why: str) -> DeployError:
    return DeployError(
        f"can't be read: {why}",
        where=f"ConfigMap {place.owner}",
        hint="Nothing was changed. Deploy with the newest scaffold, or fix the ConfigMap by hand.",
    )
