"""What the project has for those who work on it: pipelines, templates, the settings of tools."""

import json
import re
from pathlib import Path

import pytest
import yaml

from scaffold.checks import tools
from tests.package.test_pipelines import passes

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github/workflows/ci.yml"
RELEASE = ROOT / ".github/workflows/release.yml"
PIPELINE = ROOT / ".gitlab-ci.yml"
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
# Files with the version of each Go program.
VERSIONS = (
    "scripts/install-tools", "ci/Dockerfile", "scaffold/checks/tools.py",
    "docs/how-to/install-the-checks.md",
)  # fmt: skip


def test_the_workflow_is_clean() -> None:
    """By GitHub's schema, actionlint and zizmor."""
    passes("check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW, RELEASE)
    passes("actionlint", WORKFLOW, RELEASE)
    passes("zizmor", "--offline", "--quiet", ".github")


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("gitlab-ci", ".gitlab-ci.yml"),
        ("renovate", "renovate.json"),
        ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/fault.yml"),
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/wish.yml"),
    ],
)
def test_a_file_is_what_its_reader_takes(schema: str, file: str) -> None:
    """By the schema that its reader publishes."""
    more = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    passes("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *more, file)


def test_the_hooks_before_a_commit() -> None:
    """pre-commit reads them; the programs are those of .venv."""
    passes("pre-commit", "validate-config", ".pre-commit-config.yaml")
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]

    assert ["ruff", "ruff", "lint-imports", "python"] == [
        hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in local["hooks"]
    ]


def test_both_systems_run_the_same() -> None:
    """Lint, the fast tests on each Python, and everything; by targets that the Makefile has."""
    github = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    gitlab = yaml.safe_load(PIPELINE.read_text())
    names = ["lint", "fast", "full"]
    scripts = [
        (_targets(github[name]["steps"][-1]["run"]), _targets(gitlab[name]["script"][0]))
        for name in names
    ]

    assert names == list(github)
    fast = [".tools/share/github-openapi.json", "test-fast"]
    assert [(one, one) for one in (["lint", "docs"], fast, ["test"])] == scripts
    assert PYTHONS == github["fast"]["strategy"]["matrix"]["python"]
    assert [{"PYTHON": PYTHONS}] == gitlab["fast"]["parallel"]["matrix"]
    known = set(re.findall(r"^([a-z./-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {target for pair in scripts for one in pair for target in one} <= known


def _targets(line: str) -> list[str]:
    """What `make` is asked for."""
    program, *words = line.split()
    assert "make" == program
    return [word for word in words if "=" not in word]


@pytest.mark.parametrize("file", VERSIONS)
def test_renovate_finds_the_version_of_each_program(file: str) -> None:
    """Each at one version, wherever it is named."""
    (manager,) = json.loads((ROOT / "renovate.json").read_text())["customManagers"]
    assert any(re.search(one.strip("/"), file) for one in manager["managerFilePatterns"])
    patterns = [re.compile(one.replace("(?<", "(?P<")) for one in manager["matchStrings"]]
    text = (ROOT / file).read_text(encoding="utf-8")
    found = {(m["depName"], m["currentValue"]) for one in patterns for m in one.finditer(text)}

    # Those for images are too heavy for every clone.
    heavy = tools.IMAGE_TOOLS if file in ("ci/Dockerfile", "scaffold/checks/tools.py") else ()
    gets = [tool.get for tool in (*tools.TOOLS, *heavy)]
    wanted = {get.removeprefix("go install ") for get in gets if get.startswith("go install ")}
    assert {(name.partition("/cmd/")[0], version) for name, version in (
        one.split("@") for one in wanted
    )} == found  # fmt: skip


def test_both_templates_ask_the_same() -> None:
    """Of a change on either forge."""
    gitlab = ROOT / ".gitlab/merge_request_templates/Default.md"

    assert (ROOT / ".github/pull_request_template.md").read_text() == gitlab.read_text()


@pytest.mark.parametrize("file", ["SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(file: str) -> None:
    """To files of this repo; others are those of well-known pages."""
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / file).read_text(encoding="utf-8"))
    inside = [one for one in links if not one.startswith("https://")]

    assert [] == [one for one in inside if not (ROOT / one).exists()]
