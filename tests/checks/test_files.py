"""Checks of single files: each finds the faults that it is for, and says so in the tool's words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.checks.files import (
    check_actions,
    check_dockerfile,
    check_github_workflow,
    check_gitlab_ci,
)
from scaffold.checks.registered import CHECKS
from scaffold.checks.registry import Subject
from scaffold.checks.report import Outcome, Result
from tests.builders import only_programs, write_files

PIPELINE = "build:\n  stage: build\n  script: [make]\n"
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ github.sha }}
        shell: bash
"""
DOCKERFILE = "FROM debian:12.5\nWORKDIR /app\n"

Check = Callable[[Subject, str], list[Result]]


def result_of(check: Check, folder: Path, text: str) -> Result:
    """What a check says of a file with this text."""
    name = "Dockerfile" if check is check_dockerfile else "file.yml"
    write_files(folder, {name: text})
    (result,) = check(Subject(folder, "repo", "1.34"), name)
    return result


@pytest.mark.parametrize(
    ("check", "text", "name"),
    [
        (check_gitlab_ci, PIPELINE, "gitlab-ci"),
        (check_gitlab_ci, PIPELINE + "  rules: [!reference [.rules, main]]\n", "gitlab-ci"),
        (check_github_workflow, WORKFLOW, "github-workflow"),
        (check_actions, WORKFLOW, "actionlint"),
        (check_dockerfile, DOCKERFILE, "hadolint"),
    ],
)
def test_a_good_file_passes(tmp_path: Path, check: Check, text: str, name: str) -> None:
    """Each tool is content with a file that has no fault, GitLab's own YAML tags included."""
    result = result_of(check, tmp_path, text)

    assert (name, Outcome.PASSED) == (result.name, result.outcome)


@pytest.mark.parametrize(
    ("check", "text", "said"),
    [
        (check_gitlab_ci, PIPELINE.replace("stage", "stgae"), "('stgae' was unexpected)"),
        (check_gitlab_ci, PIPELINE.replace("[make]", "{a: b}"), "$.build.script"),
        (check_gitlab_ci, "a: [\n", "Failed to parse"),
        (check_github_workflow, WORKFLOW.replace("shell", "shel"), "('shel' was unexpected)"),
        (check_github_workflow, WORKFLOW.replace("jobs", "jbos"), "'jobs' is a required property"),
        (check_actions, WORKFLOW.replace("github.sha", "github.shaa"), 'property "shaa" is not'),
        (check_actions, WORKFLOW.replace("ubuntu-latest", "ubuntu-1"), 'label "ubuntu-1" is unkn'),
        (check_dockerfile, DOCKERFILE.replace("12.5", "latest"), "DL3007"),
        (check_dockerfile, DOCKERFILE.replace("WORKDIR", "WROKDIR"), "unexpected"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, check: Check, text: str, said: str) -> None:
    """The details have what the tool said."""
    result = result_of(check, tmp_path, text)

    assert Outcome.FAILED is result.outcome
    assert said in "\n".join(result.details)


@pytest.mark.parametrize(
    ("check", "text"), [(check_gitlab_ci, ""), (check_github_workflow, ""), (check_actions, "")]
)
def test_an_empty_file_fails(tmp_path: Path, check: Check, text: str) -> None:
    """No pipeline at all is none that passed."""
    assert Outcome.FAILED is result_of(check, tmp_path, text).outcome


def test_the_repos_own_hadolint_settings_count(tmp_path: Path) -> None:
    """A rule that the repo's owners switched off is not reported."""
    write_files(tmp_path, {".hadolint.yaml": "ignored: [DL3007]\n"})

    result = result_of(check_dockerfile, tmp_path, "FROM debian:latest\n")

    assert Outcome.PASSED is result.outcome


@pytest.mark.parametrize("place", ["config/hadolint.yaml", "here/.hadolint.yaml"])
def test_other_hadolint_settings_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Neither the user's nor those where the command was run: CI would not have them."""
    write_files(tmp_path, {place: "ignored: [DL3007]\n", "here/file": "", "config/file": ""})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path / "here")

    result = result_of(check_dockerfile, tmp_path / "repo", "FROM debian:latest\n")

    assert Outcome.FAILED is result.outcome


@pytest.mark.parametrize(
    ("check", "text", "hint"),
    [
        (check_gitlab_ci, PIPELINE, "check-jsonschema is not installed: pip install 'scaffold-b"),
        (check_github_workflow, WORKFLOW, "check-jsonschema is not installed: pip install 'scaf"),
        (check_actions, WORKFLOW, "actionlint is not installed: go install github.com/rhysd/act"),
        (check_dockerfile, DOCKERFILE, "hadolint is not installed: pip install 'scaffold-bluepr"),
    ],
)
def test_a_missing_tool_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: Check, text: str, hint: str
) -> None:
    """It never counts as passed, and the result says how to get the tool."""
    only_programs(monkeypatch, tmp_path / "bin")

    result = result_of(check, tmp_path, text)

    assert Outcome.NOT_RUN is result.outcome
    assert result.details[0].startswith(hint)


def test_which_files_are_checked(tmp_path: Path) -> None:
    """Both CI systems' files and the Dockerfile, a workflow by both of its tools."""
    write_files(
        tmp_path,
        {
            ".gitlab-ci.yml": PIPELINE,
            "Dockerfile": DOCKERFILE,
            ".github/workflows/b.yaml": WORKFLOW,
            ".github/workflows/a.yml": WORKFLOW,
            ".github/workflows/README.md": "words\n",
        },
    )

    subject = Subject(tmp_path, "code", "1.34")
    found = [result for one in CHECKS for check in one.of(subject) for result in check()]

    assert [
        ("gitlab-ci", "code/.gitlab-ci.yml", Outcome.PASSED),
        ("hadolint", "code/Dockerfile", Outcome.PASSED),
        ("github-workflow", "code/.github/workflows/a.yml", Outcome.PASSED),
        ("github-workflow", "code/.github/workflows/b.yaml", Outcome.PASSED),
        ("actionlint", "code/.github/workflows/a.yml", Outcome.PASSED),
        ("actionlint", "code/.github/workflows/b.yaml", Outcome.PASSED),
    ] == [(result.name, result.target, result.outcome) for result in found]
