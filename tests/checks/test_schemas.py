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


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The schemas of a version, ready in a cache of this test's own."""
    assert SHIPPED is not None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return ready_schemas(SHIPPED / VERSIONS[0])


@pytest.mark.parametrize("harm", ["gone", "empty", "half"])
def test_a_file_that_is_damaged_is_made_anew(
    ready: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It would fail every check of that kind from then on; that it was so is told once."""
    assert SHIPPED is not None
    file = ready / "deployment-apps-v1.json"
    whole = file.read_bytes()
    file.unlink()
    if harm != "gone":
        file.write_bytes(whole[:100] if harm == "half" else b"")

    for _ in range(2):
        assert ready == ready_schemas(SHIPPED / VERSIONS[0])

    assert whole == file.read_bytes()
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith(f"{ready} is damaged, so its files are made anew: ")


def test_a_whole_folder_is_taken_as_it_is(ready: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is written again, and nothing is told."""
    assert SHIPPED is not None
    before = {file: file.stat().st_mtime_ns for file in ready.iterdir()}

    assert ready == ready_schemas(SHIPPED / VERSIONS[0])

    assert before == {file: file.stat().st_mtime_ns for file in ready.iterdir()}
    assert [] == caplog.records
