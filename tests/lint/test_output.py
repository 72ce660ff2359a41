"""What the command prints: text, JSON by the published schema, SARIF 2.1.0."""

import json
from collections.abc import Callable
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


TOLD = f"""\
BP401 the image `python` has no tag
  --> {GITLAB}:1
   |
 1 | image: python
   |        ^^^^^^
   = Give it the tag of a version, or a digest.

"""


@pytest.fixture(name="blueprint")
def _blueprint(tmp_path: Path) -> Path:
    write_files(tmp_path, FILES)
    return tmp_path


def test_text(blueprint: Path) -> None:
    """The rule and the message, the place, the line with a mark, what to do."""
    done = scaffold("blueprint", "lint", cwd=blueprint)

    assert 1 == done.returncode
    assert TOLD + "1 finding, 1 silenced\n" == done.stdout


def test_text_on_a_terminal(blueprint: Path, on_a_terminal: Callable[..., str]) -> None:
    """In colours, unless NO_COLOR says none."""
    shown = on_a_terminal("blueprint", "lint", cwd=blueprint, env={})
    plain = on_a_terminal("blueprint", "lint", cwd=blueprint, env={"NO_COLOR": "1"})

    assert "\x1b[31m\x1b[1mBP401\x1b[0m \x1b[1mthe image `python` has no tag\x1b[0m" in shown
    assert "\x1b[31m       ^^^^^^\x1b[0m" in shown
    assert TOLD in plain.replace("\r\n", "\n")


def test_a_line_that_holds_a_secret_is_not_shown(tmp_path: Path) -> None:
    """The output of a CI job is read by more people than the blueprint."""
    token = "ghp_" + "a1B2" * 9
    write_files(tmp_path, {**CLEAN, "code/a.txt": f"{token}\n"})
    done = scaffold("blueprint", "lint", cwd=tmp_path)

    assert (
        "BP601 looks like a secret: GitHub token\n"
        "  --> code/a.txt:1\n"
        "   = Take it out, and have it replaced where it is from: it is known by now.\n"
        "\n1 finding\n"
    ) == done.stdout


@pytest.mark.parametrize(
    ("line", "shown", "mark"),
    [
        ("{{ lost }}\tx", "{{ lost }}  x", "   ^^^^"),
        ("{{ lost }}\x1b[2J", "{{ lost }} [2J", "   ^^^^"),
        ("a" * 200 + "{{ lost }}", "a" * 57 + "{{ lost }}", " " * 60 + "^^^^"),
    ],
)
def test_a_line_is_shown_as_a_terminal_can(
    tmp_path: Path, line: str, shown: str, mark: str
) -> None:
    """Without tabs, without what controls a terminal, and the named word of a long line."""
    write_files(tmp_path, {**CLEAN, "code/a.txt.jinja": f"{line}\n"})
    done = scaffold("blueprint", "lint", cwd=tmp_path)

    assert f"   |\n 1 | {shown}\n   | {mark}\n   = Mend the name, add" in done.stdout


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
        "not_checked": [],
        "in_baseline": 0,
        "gone": [],
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
