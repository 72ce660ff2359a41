"""Kubernetes objects as plain data: which one it is, who put it there, does it hold data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from scaffold.config.places import HOLDS_DATA
from scaffold.config.yaml_reader import read_documents
from scaffold.errors import ConfigError, DeployError

Json = dict[str, Any]

# On each object that a deploy applies: the inventory that it belongs to, `namespace/name`.
OWNER = "scaffold/inventory"
NAMESPACE_KIND = "Namespace"
_DATA_KINDS = frozenset({("", "PersistentVolumeClaim")})


@dataclass(frozen=True, order=True)
class Key:
    """Which object of a cluster it is. No version: that is only a way to look at it."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        kind = f"{self.kind}.{self.group}" if self.group else self.kind
        return f"{kind} {self.namespace}/{self.name}" if self.namespace else f"{kind} {self.name}"

    @property
    def is_namespace(self) -> bool:
        """Whether the object is itself a namespace."""
        return (self.group, self.kind) == ("", NAMESPACE_KIND)


def key_of(item: Json) -> Key:
    """The key of an object that a cluster returned or a tree holds."""
    metadata = item["metadata"]
    group, slash, _ = str(item["apiVersion"]).partition("/")
    return Key(
        group if slash else "", str(item["kind"]), metadata.get("namespace", ""), metadata["name"]
    )


def uid_of(item: Json) -> str:
    """The id that the cluster gave this very object; empty for one that it does not have yet."""
    return str(item["metadata"].get("uid", ""))


def owner_of(item: Json) -> str:
    """The inventory that an object says it belongs to; empty where it says none."""
    return str(_annotations(item).get(OWNER, ""))


def owned_by(item: Json, owner: str) -> Json:
    """A copy of `item` that says which inventory it belongs to."""
    annotations = {**_annotations(item), OWNER: owner}
    return {**item, "metadata": {**item["metadata"], "annotations": annotations}}


def holds_data(item: Json) -> bool:
    """Whether deleting the object would lose what no git repo can bring back."""
    key = key_of(item)
    return (key.group, key.kind) in _DATA_KINDS or _annotations(item).get(HOLDS_DATA) == "true"


def content_of(item: Json) -> Json:
    """What of a live object a deploy can change: all but the cluster's own book-keeping."""
    metadata = {
        name: value
        for name, value in item["metadata"].items()
        if name not in ("resourceVersion", "managedFields", "generation")
    }
    return {**{k: v for k, v in item.items() if k != "status"}, "metadata": metadata}


def parse_tree(text: str, *, source: str) -> tuple[Json, ...]:
    """The objects of a multi-document YAML, namespaces first.

    Raises DeployError where one of them lacks what makes it an object.
    """
    try:
        documents = [item for item in read_documents(text, source=source) if item is not None]
    except ConfigError as error:
        what = f"the tree can't be read: {error.what}"
        raise DeployError(what, where=error.where, hint=error.hint) from error
    if problems := [problem for item in documents if (problem := _problem_with(item))]:
        raise DeployError("the tree holds what is no object", where=source, details=problems)
    return tuple(sorted(documents, key=lambda item: not key_of(item).is_namespace))


def as_yaml(items: Iterable[Json]) -> bytes:
    """Objects as one stream for kubectl."""
    return yaml.safe_dump_all(items, sort_keys=False).encode()


def _annotations(item: Json) -> Json:
    return item["metadata"].get("annotations") or {}


def _problem_with(item: Any) -> str | None:
    if not isinstance(item, dict) or not isinstance(item.get("metadata"), dict):
        return f"not an object with `metadata`: {str(item)[:80]}"
    if not item.get("apiVersion") or not item.get("kind"):
        return f"no `apiVersion` or no `kind`: {item['metadata'].get('name', '?')}"
    if not item["metadata"].get("name"):
        return f"{item['kind']} has no name; `generateName` can't be applied twice"
    return None
