"""Which Secrets the pods of a tree can't start without, and which of them are not there; pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from scaffold.pipeline.deploy.objects import Json, Key, key_of

_MAKERS = {"": "Secret", "external-secrets.io": "ExternalSecret"}


def expected_secrets(items: Iterable[Json]) -> dict[Key, frozenset[str]]:
    """The Secrets that containers get variables of, by name -> the keys that each must have.

    Those that are optional are left out, and those that the tree itself brings.
    """
    tree = list(items)
    found: dict[Key, set[str]] = {}
    for item in tree:
        namespace = item["metadata"].get("namespace", "")
        for container in _containers(item):
            for name, key in _variables(container):
                found.setdefault(Key("", "Secret", namespace, name), set()).update(key)
    brought = {_made(item) for item in tree}
    return {key: frozenset(keys) for key, keys in sorted(found.items()) if key not in brought}


def missing_secrets(
    expected: Mapping[Key, Collection[str]], there: Mapping[Key, Json]
) -> tuple[str, ...]:
    """A phrase for each Secret that is not there, or lacks keys."""
    told = []
    for secret, keys in expected.items():
        data = (there[secret].get("data") or {}) if secret in there else {}
        lacking = ", ".join(sorted(set(keys) - set(data)))
        if secret not in there:
            told.append(f"{secret}" + (f" with {lacking}" if lacking else ""))
        elif lacking:
            told.append(f"{lacking} in {secret}")
    return tuple(told)


def _made(item: Json) -> Key | None:
    """The Secret that this object is, or is made into."""
    key = key_of(item)
    if _MAKERS.get(key.group) != key.kind:
        return None
    target = (item.get("spec") or {}).get("target") or {}
    return Key("", "Secret", key.namespace, str(target.get("name") or key.name))


def _containers(item: Json) -> Iterator[Json]:
    """The containers of a workload's pods; a CronJob has them below those of its jobs."""
    spec = item.get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    pod = (spec.get("template") or {}).get("spec") or {}
    yield from pod.get("initContainers") or ()
    yield from pod.get("containers") or ()


def _variables(container: Json) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The Secrets that a container can't start without, by name, with the keys of each."""
    for source in container.get("envFrom") or ():
        whole = source.get("secretRef") or {}
        if whole.get("name") and not whole.get("optional"):
            yield str(whole["name"]), ()
    for variable in container.get("env") or ():
        one = (variable.get("valueFrom") or {}).get("secretKeyRef") or {}
        if one.get("name") and not one.get("optional"):
            yield str(one["name"]), (str(one.get("key", "")),)
