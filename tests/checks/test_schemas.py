"""The Kubernetes schemas as kubeconform gets them."""

import json
from pathlib import Path

import pytest

from scaffold.checks.kubeconform import check_objects
from scaffold.checks.report import Outcome
from scaffold.checks.schemas import ready_schemas, shipped_schemas

SHIPPED = shipped_schemas()
assert SHIPPED is not None
VERSIONS = sorted(path.name for path in SHIPPED.glob("*-local-strict"))


def references(schema: object) -> set[str]:
    """All that a schema refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*map(references, schema.values()))
    return set().union(*map(references, schema)) if isinstance(schema, list) else set()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kind_has_all_it_refers_to_in_its_own_file(version: str) -> None:
    """Neither is kubernetes.io asked, nor one large file read for each kind."""
    assert SHIPPED is not None
    files = sorted(ready_schemas(SHIPPED / version).iterdir())

    assert len(files) > 100
    for file in files:
        schema = json.loads(file.read_bytes())
        there = {f"#/$defs/{name}" for name in schema["$defs"]}
        assert references(schema) == there, file.name


@pytest.mark.parametrize("kind", ["Affinity", "Container", "ObjectMeta"])
def test_a_part_of_an_object_is_no_object(kind: str) -> None:
    """What Kubernetes only knows inside of others has no schema of its own."""
    result = check_objects(
        f"apiVersion: v1\nkind: {kind}\n", "env/dev", kubernetes="1.34", schemas=Path("none")
    )

    assert Outcome.FAILED is result.outcome
    assert "could not find schema for" in result.details[0]
