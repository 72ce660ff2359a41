"""Keeps a tree inside the namespaces that it may touch, before anything is applied."""

from collections.abc import Collection, Iterable

from scaffold.errors import DeployError
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.inventory import is_reserved
from scaffold.pipeline.deploy.objects import Json, Key, key_of


def inside_namespace(
    cluster: Cluster, items: Iterable[Json], namespace: str, *, source: str
) -> tuple[Json, ...]:
    """The objects of a service's tree, each put into `namespace` where it names none.

    Raises DeployError that lists all that is outside of the namespace or of none at all.
    """
    placed = [_placed(cluster, item, namespace) for item in items]
    return _checked(cluster, placed, {namespace}, namespaces=False, source=source)


def inside_own_namespaces(
    cluster: Cluster, items: Iterable[Json], *, source: str
) -> tuple[Json, ...]:
    """The objects of an access tree, which holds its namespaces itself.

    Raises DeployError that lists all that is outside of them.
    """
    own = list(items)
    names = {key_of(item).name for item in own if key_of(item).is_namespace}
    return _checked(cluster, own, names, namespaces=True, source=source)


def _placed(cluster: Cluster, item: Json, namespace: str) -> Json:
    kind = cluster.kind(str(item["apiVersion"]), str(item["kind"]))
    if kind is None or not kind.namespaced or item["metadata"].get("namespace"):
        return item
    return {**item, "metadata": {**item["metadata"], "namespace": namespace}}


def _checked(
    cluster: Cluster,
    items: list[Json],
    allowed: Collection[str],
    *,
    namespaces: bool,
    source: str,
) -> tuple[Json, ...]:
    problems, seen = [], set()
    for item in items:
        key = key_of(item)
        if problem := _problem(cluster, item, key, allowed, namespaces=namespaces):
            problems.append(f"{key}: {problem}")
        elif key in seen:
            problems.append(f"{key}: it is in the tree twice")
        seen.add(key)
    if problems:
        raise DeployError(
            "the tree holds what must not be deployed from here; nothing was changed",
            where=source,
            details=problems,
            hint="A service deploys into its own namespace only; the rest is the platform team's.",
        )
    return tuple(items)


def _problem(
    cluster: Cluster, item: Json, key: Key, allowed: Collection[str], *, namespaces: bool
) -> str:
    kind = cluster.kind(str(item["apiVersion"]), key.kind)
    if kind is None:
        return (
            f"this cluster has no such kind in {item['apiVersion']}: "
            "have its CRD installed, or leave it out"
        )
    if key.is_namespace and namespaces:
        return ""
    if not kind.namespaced:
        return "it belongs to the whole cluster"
    if key.namespace not in allowed:
        return f"its namespace is not {' or '.join(sorted(allowed)) or 'one of the tree'}"
    if is_reserved(key):
        return "scaffold keeps an inventory under names like this"
    return ""
