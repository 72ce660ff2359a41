"""kubeconform: nothing that was not checked, or not strictly, counts as passed."""

import json
import sys
from pathlib import Path

import pytest

from scaffold.checks.kubeconform import check_objects
from scaffold.checks.report import Outcome, Result
from tests.builders import only_programs, write_files

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
data: {key: value}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: app, image: app:1}]}
"""
WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: left}
spec: {size: 3}
"""
WIDGET_SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {"size": {"type": "integer"}},
            "additionalProperties": False,
        }
    },
}


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder with the schema of one custom kind."""
    folder = tmp_path / "schemas"
    write_files(folder, {"widget-example.com-v1.json": json.dumps(WIDGET_SCHEMA)})
    return folder


def check(text: str, schemas: Path = Path("/nowhere"), *, kubernetes: str = "1.34") -> Result:
    """Check a text."""
    return check_objects(text, "env/dev", kubernetes=kubernetes, schemas=schemas)


def test_valid_objects_pass() -> None:
    """All objects are counted, whether in documents of their own or in a list."""
    items = "".join(f"  {line}\n" for line in CONFIG_MAP.splitlines()).replace("  ", "- ", 1)
    listed = f"apiVersion: v1\nkind: List\nitems:\n{items}"

    result = check(f"# words\n---\n{CONFIG_MAP}---\n{DEPLOYMENT}---\n{listed}")

    assert Result("kubeconform", "env/dev", Outcome.PASSED, ("3 objects",)) == result


@pytest.mark.parametrize("kubernetes", ["1.99", "1.3", "2.0", "../x"])
def test_a_version_without_schemas_fails(kubernetes: str) -> None:
    """Else all objects would be skipped, and that would look like passed."""
    result = check(CONFIG_MAP, kubernetes=kubernetes)

    assert Outcome.FAILED is result.outcome
    assert result.details[0].startswith(f"no schemas for Kubernetes {kubernetes} on disk; there")
    assert ", 1.34, " in result.details[0]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("spec", "spce"), ("selector", "selektor"), ("image", "imgae")],
)
def test_a_misspelt_key_fails(right: str, wrong: str) -> None:
    """At the top too, where it passes when the check is not strict; the key is named."""
    result = check(DEPLOYMENT.replace(right, wrong, 1))

    assert Outcome.FAILED is result.outcome
    assert result.details[0].startswith("Deployment shop: ")
    assert f"'{wrong}'" in result.details[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONFIG_MAP.replace("value", "1"), "got number, want null or string"),
        (CONFIG_MAP.replace("kind: ConfigMap\n", ""), "missing 'kind' key"),
        (CONFIG_MAP + "data: {}\n", 'key "data" already set in map'),
        ("a: [\n", "did not find expected node content"),
        ("only words\n", "cannot unmarshal string"),
        (
            "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: old}\n",
            "could not find schema for Ingress",
        ),
    ],
    ids=["type", "kind", "twice", "syntax", "words", "removed"],
)
def test_a_bad_object_fails(text: str, said: str) -> None:
    """One beside a good one is enough, and the result says what is wrong with it."""
    result = check(f"{CONFIG_MAP}---\n{text}")

    assert Outcome.FAILED is result.outcome
    assert 1 == len(result.details)
    assert said in result.details[0]


def test_every_bad_object_is_named() -> None:
    """Not only the first one."""
    result = check(f"{WIDGET}---\n{CONFIG_MAP}---\n{WIDGET.replace('left', 'right')}")

    assert (
        "Widget left: could not find schema for Widget",
        "Widget right: could not find schema for Widget",
    ) == result.details


def test_a_bad_object_in_a_list_fails() -> None:
    """A list is its objects."""
    items = json.dumps([{"apiVersion": "v1", "kind": "ConfigMap", "dtaa": {}}])

    result = check(f"apiVersion: v1\nkind: List\nitems: {items}\n")

    assert Outcome.FAILED is result.outcome
    assert "'dtaa'" in result.details[0]


@pytest.mark.parametrize("text", ["", "# words\n---\n# more\n", "null\n---\n"])
def test_no_objects_at_all_fail(text: str) -> None:
    """Nothing was checked, so nothing passed."""
    assert Result("kubeconform", "env/dev", Outcome.FAILED, ("no object was checked",)) == check(
        text
    )


def test_a_custom_kind_without_a_schema_fails(schemas: Path) -> None:
    """Schemas of other kinds don't help it."""
    result = check(WIDGET.replace("Widget", "Gadget"), schemas)

    assert ("Gadget left: could not find schema for Gadget",) == result.details
    assert Outcome.FAILED is result.outcome


def test_a_custom_kind_with_a_schema_passes(schemas: Path) -> None:
    """The repo has it in `schemas/`."""
    assert Outcome.PASSED is check(WIDGET, schemas).outcome


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("size", "sise", "additional properties 'sise' not allowed"),
        ("3", "big", "at '/spec/size': got string, want integer"),
    ],
)
def test_a_custom_kind_with_a_bad_field_fails(
    schemas: Path, right: str, wrong: str, said: str
) -> None:
    """The schema decides."""
    result = check(WIDGET.replace(right, wrong), schemas)

    assert Outcome.FAILED is result.outcome
    assert said in result.details[0]


def test_another_version_of_a_custom_kind_fails(schemas: Path) -> None:
    """The schema of v1 says nothing of v2."""
    result = check(WIDGET.replace("example.com/v1", "example.com/v2"), schemas)

    assert Outcome.FAILED is result.outcome


def test_a_schema_that_is_broken_fails(schemas: Path) -> None:
    """A schema that can't be read is no schema."""
    (schemas / "widget-example.com-v1.json").write_text("{")

    assert Outcome.FAILED is check(WIDGET, schemas).outcome


def test_a_custom_schema_does_not_stand_in_for_a_core_kind(schemas: Path) -> None:
    """A repo can't make the check of a Deployment lenient."""
    (schemas / "deployment-apps-v1.json").write_text("{}")

    assert Outcome.FAILED is check(DEPLOYMENT.replace("spec:", "spce:", 1), schemas).outcome


def test_a_schema_cache_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schemas are made ready at the first run, and used again at the second."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    results = [check(DEPLOYMENT).outcome, check(DEPLOYMENT).outcome]

    assert [Outcome.PASSED, Outcome.PASSED] == results
    made = tmp_path.glob("cache/scaffold/*/v1.34.0-*")
    assert ["v1.34.0-local-strict"] == [path.name for path in made if path.is_dir()]


def test_a_cache_that_can_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container whose home can't be written to, the check runs all the same."""
    (tmp_path / "home").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))

    assert Outcome.PASSED is check(DEPLOYMENT).outcome


def test_a_missing_program_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never counts as passed, and says how to get it."""
    only_programs(monkeypatch, tmp_path / "bin", "kustomize")

    expected = (
        "kubeconform is not installed: "
        "go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"
    )
    assert Result("kubeconform", "env/dev", Outcome.NOT_RUN, (expected,)) == check(CONFIG_MAP)


def test_missing_schemas_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that holds them, the check never counts as passed."""
    monkeypatch.setitem(sys.modules, "kubernetes_validate", None)

    expected = "the Kubernetes schemas are not installed: pip install 'scaffold-blueprints[checks]'"
    assert Result("kubeconform", "env/dev", Outcome.NOT_RUN, (expected,)) == check(CONFIG_MAP)


@pytest.mark.parametrize(
    ("says", "detail"),
    [
        ("", "kubeconform said nothing"),
        ("echo it broke >&2; exit 1", "it broke"),
        ("""echo '{"resources": [], "summary": {"valid": 0, "invalid": 0, "errors": 0,
            "skipped": 1}}'""", "not all objects passed: "),
    ],
    ids=["nothing", "words", "skipped"],
)  # fmt: skip
def test_a_program_that_checks_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, detail: str
) -> None:
    """Its exit status alone proves nothing."""
    write_files(tmp_path / "bin", {"kubeconform": f"#!/bin/sh\n{says}\n"})
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")

    result = check(CONFIG_MAP)

    assert Outcome.FAILED is result.outcome
    assert result.details[0].startswith(detail)
