"""What the command prints: text, JSON by the published schema, SARIF 2.1.0."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from scaffold.documents.schemas import published_schemas
from scaffold.lint import RULES
from tests.builders import Files, write_files
from tests.lint.case import CLEAN, GITLAB, MODEL
from tests.service.run import scaffold

ODD = "code/{% if service %}#1%{% endif %} ü.txt"
FILES: Files = {
    **CLEAN,
    GITLAB: "image: python\na: {script: make}\n",
    ODD: "no end",
    "blueprint.yml": f"{MODEL}lint: {{ignore: [{{code: BP105, reason: It is so.}}]}}\n",
}


@pytest.fixture(name="blueprint")
def _blueprint(tmp_path: Path) -> Path:
    write_files(tmp_path, FILES)
    return tmp_path


def test_text(blueprint: Path) -> None:
    """Place, code and message in a line, what to do below; the status tells a script."""
    done = scaffold("blueprint", "lint", cwd=blueprint)

    assert 1 == done.returncode
    assert (
        f"{GITLAB}:1: BP401 the image `python` has no tag\n"
        "    Give it the tag of a version, or a digest.\n"
        "1 finding, 1 silenced\n"
    ) == done.stdout


def test_text_of_a_clean_blueprint(tmp_path: Path) -> None:
    """It says that it looked; `--quiet` says nothing."""
    write_files(tmp_path, CLEAN)
    done = scaffold("blueprint", "lint", str(tmp_path), cwd=tmp_path.parent)
    quiet = scaffold("blueprint", "lint", str(tmp_path), "--quiet", cwd=tmp_path.parent)

    assert (0, "nothing found\n") == (done.returncode, done.stdout)
    assert (0, "") == (quiet.returncode, quiet.stdout)


def test_no_blueprint(tmp_path: Path) -> None:
    """An error, not a clean report."""
    done = scaffold("blueprint", "lint", cwd=tmp_path)

    assert (1, "") == (done.returncode, done.stdout)
    assert "error [blueprint-not-found]: " in done.stderr


def test_json(blueprint: Path) -> None:
    """As published, with what is silenced and why."""
    done = scaffold("blueprint", "lint", "--output", "json", cwd=blueprint)
    document = json.loads(done.stdout)

    assert 1 == done.returncode
    jsonschema.Draft202012Validator(published_schemas()["output-lint"]).validate(document)
    assert {
        "version": 1,
        "kind": "lint",
        "passed": False,
        "findings": [
            {
                "code": "BP401",
                "title": "Unpinned image",
                "path": GITLAB,
                "line": 1,
                "message": "the image `python` has no tag",
                "hint": "Give it the tag of a version, or a digest.",
            }
        ],
        "silenced": [
            {
                "code": "BP105",
                "title": "No line end at the end",
                "path": ODD,
                "line": 1,
                "message": "does not end with a line end",
                "hint": "End the last line.",
                "reason": "It is so.",
            }
        ],
    } == document


@pytest.fixture(name="log")
def _log(blueprint: Path) -> dict[str, Any]:
    done = scaffold("blueprint", "lint", "--output", "sarif", cwd=blueprint)
    assert 1 == done.returncode
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_sarif_is_of_version_2_1_0(log: dict[str, Any]) -> None:
    """By models generated from the standard's own schema, which take no key that is not in it."""
    assert "2.1.0" == Sarif.model_validate(log).version.value


def test_sarif_has_every_rule(log: dict[str, Any]) -> None:
    """In the order that results count them by."""
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [rule.code for rule in RULES] == [rule["id"] for rule in rules]
    assert [one["ruleId"] for one in run["results"]] == [
        rules[one["ruleIndex"]]["id"] for one in run["results"]
    ]


def test_sarif_results(log: dict[str, Any]) -> None:
    """Paths are relative URIs; what is silenced is there as suppressed."""
    (left, silenced) = log["runs"][0]["results"]

    assert {
        "artifactLocation": {"uri": GITLAB, "uriBaseId": "SRCROOT"},
        "region": {"startLine": 1},
    } == left["locations"][0]["physicalLocation"]
    assert "suppressions" not in left
    assert (
        "code/%7B%25%20if%20service%20%25%7D%231%25%7B%25%20endif%20%25%7D%20%C3%BC.txt"
    ) == silenced["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert [{"kind": "external", "justification": "It is so."}] == silenced["suppressions"]
