"""Kubernetes' own schemas, made ready for kubeconform: a file a kind, with all that it refers to.

The package kubernetes-validate has them with references to addresses on kubernetes.io, which
kubeconform would go and ask, into one file with all definitions, which it would read afresh for
each kind: two thirds of a second for the objects of one service.
"""

import json
import logging
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scaffold.cache import cache_folder, damage, move, note, write_whole
from scaffold.git.scratch import scratch_root
from scaffold.staging import staging_folder

_DEFINITIONS = "_definitions.json"
_REFERENCE = "#/$defs/"
_log = logging.getLogger(__name__)
_KINDS = "x-kubernetes-group-version-kind"  # on the schema of what can be an object of its own


def shipped_schemas() -> Path | None:
    """The schema folders of the package kubernetes-validate, without importing it."""
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "kubernetes-json-schema"


def shipped_versions(shipped: Path) -> list[str]:
    """The versions of Kubernetes, as in `1.34`, that a folder has schemas of, sorted."""
    names = (path.name.split("-")[0] for path in shipped.glob("*-local-strict"))
    return sorted((name[1:-2] for name in names), key=lambda it: [int(n) for n in it.split(".")])


def ready_schemas(source: Path) -> Path:
    """A shipped schema folder as kubeconform wants it, from the user's cache if it can be there."""
    try:
        return _prepared(source, cache_folder())
    except OSError:  # a container's home, say; the scratch folder is slower and always there
        return _prepared(source, scratch_root())


def _prepared(source: Path, cache: Path) -> Path:
    made = cache / f"kinds-{version('kubernetes-validate')}" / source.name
    if not made.is_dir():
        made.parent.mkdir(parents=True, exist_ok=True)
        with staging_folder(made.parent) as staging:
            half = staging / source.name
            half.mkdir()
            _write(source, half)
            try:
                move(half, made)
            except OSError:
                if not made.is_dir():  # else another run was quicker, with the same bytes
                    raise
    elif why := damage(made):
        _log.warning("%s is damaged, so its files are made anew: %s", made, why)
        _write(source, made)
    return made


def _write(source: Path, folder: Path) -> None:
    """Write all kinds, each in one step, since others may be reading there."""
    definitions = json.loads((source / _DEFINITIONS).read_bytes())["$defs"]
    for file in source.glob("*.json"):
        schema = json.loads(file.read_bytes())
        if _KINDS in schema:
            text = json.dumps(_self_contained(schema, definitions))
            write_whole(folder / file.name, text.encode())
    note(folder)


def _self_contained(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a kind with the definitions that it needs, directly or by others."""
    needed: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in needed:
                needed[name] = definitions[name]
                waiting.append(definitions[name])
    text = json.dumps({**schema, "$defs": needed})
    whole: dict[str, Any] = json.loads(text.replace(f"/api/{_DEFINITIONS}{_REFERENCE}", _REFERENCE))
    del whole["$id"]
    return whole


def _references(schema: object) -> set[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, list):
        return set().union(*map(_references, schema))
    if not isinstance(schema, dict):
        return set()
    references = set().union(*map(_references, schema.values()))
    if isinstance(reference := schema.get("$ref"), str):
        references.add(reference.partition(_REFERENCE)[2])
    return references
