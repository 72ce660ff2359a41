"""What a deploy did, in short."""

import json
from collections.abc import Iterable

from scaffold.pipeline.deploy.plan import Action
from tests.pipeline.kube import Kube

INVENTORY = "scaffold-inventory-shop"


def outcomes(actions: Iterable[Action]) -> dict[str, str]:
    """What became of each object, by kind and name."""
    return {f"{one.key.kind} {one.key.name}": str(one.outcome) for one in actions}


def listed(kube: Kube, namespace: str, name: str = INVENTORY) -> set[str]:
    """What an inventory lists, by kind and name; nothing where there is none."""
    found = kube.get("configmap", name, namespace)
    if found is None:
        return set()
    return {f"{one['kind']} {one['name']}" for one in json.loads(found["data"]["objects"])}
