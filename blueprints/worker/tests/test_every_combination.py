"""What must be true of each repo, whatever was answered: a pairwise matrix."""

import json
import re
import tomllib
from typing import Any

import pytest
from rendering import (
    CHANGED,
    CI_FILES,
    SUMMARIES,
    Render,
    ci_steps,
    files,
    hold_licence,
    hold_signing,
    image_label,
    left_over,
    load,
    matrix,
    read,
    untidy,
)

REPOS = ["app", "deploy"]

ANSWERS = {
    "ci": ["gitlab", "github"],
    "monitoring": [True, False],
    "size": ["small", "medium", "large"],
    "python_version": ["3.11", "3.12", "3.13"],
    "service": ["payments", "redis", "forty-" + 34 * "x"],
    "stream": ["orders", "Shop:orders.v1"],
    "schedule": ["17 3 * * *", "*/5 0-23 1,15 * MON-FRI"],
    "license": ["none", "Apache-2.0", "BSD-3-Clause", "MIT"],
    "supply_chain": ["none", "scan", "key", "keyless"],
    "pull_secrets": [[], ["registry"]],
    "queue": ["redis", "rabbitmq"],
    "scale_by_queue": [False, True],
    "secret_store": ["", "vault"],
    "tracing": [False, True],
    "otlp_endpoint": ["", "https://otlp.example.com"],
    "secrets": [[], ["DATABASE_URL", "API_KEY"]],
    "summary": SUMMARIES,
}


@pytest.fixture(
    params=matrix(ANSWERS), ids=lambda answers: "-".join(map(str, list(answers.values())[:-2]))
)
def answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One row of the matrix."""
    return request.param


@pytest.fixture(params=REPOS)
def repo(request: pytest.FixtureRequest) -> str:
    """One of the paired repos."""
    return request.param


def test_every_file_can_be_read(render: Render, repo: str, answers: dict[str, Any]) -> None:
    """YAML, JSON, TOML and Python files are well formed."""
    for path in files(render(repo, **answers)):
        read(path)


def test_files_are_tidy(render: Render, repo: str, answers: dict[str, Any]) -> None:
    """Files have LF, one newline at the end, and no blank at the end of a line."""
    for path in files(render(repo, **answers)):
        assert [] == untidy(path)


def test_python_is_formatted_whatever_the_name(render: Render, answers: dict[str, Any]) -> None:
    """The longest name pushes no line over the limit of the formatter."""
    for path in render("app", **answers).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert 100 >= max(map(len, text.splitlines())), path


def test_nothing_of_the_template_is_left(
    render: Render, repo: str, answers: dict[str, Any]
) -> None:
    """No tag of the template language is left, but those of Prometheus and Grafana are."""
    for path in files(render(repo, **answers | {"summary": "Takes card payments"})):
        assert [] == left_over(path), path


def test_every_repo_has_hooks_for_pre_commit(
    render: Render, repo: str, answers: dict[str, Any]
) -> None:
    """What CI would find in every kind of file is found before the commit."""
    [first, *_] = load(render(repo, **answers) / ".pre-commit-config.yaml")["repos"]
    hooks = {hook["id"] for hook in first["hooks"]}
    assert {"check-merge-conflict", "check-yaml", "trailing-whitespace"} <= hooks


def test_no_pin_is_rendered(render: Render, repo: str, answers: dict[str, Any]) -> None:
    """The bot's files are not the blueprint's."""
    folder = render(repo, **answers)
    names = {path.relative_to(folder).as_posix() for path in files(folder)}
    assert set() == {n for n in names if re.search(r"upstream\.yml|^image/|/release/", n)}


def test_no_other_kind_is_rendered(render: Render, answers: dict[str, Any]) -> None:
    """A worker has no address, and namespaces are the platform's."""
    for path in files(render("deploy", **answers)):
        text = path.read_text(encoding="utf-8")
        assert [] == re.findall(r"^kind: (?:Service|Ingress|Namespace)$", text, re.MULTILINE), path


def test_ci_is_of_the_chosen_system(render: Render, repo: str, answers: dict[str, Any]) -> None:
    """Only the chosen CI system finds a file, and the other's folder is not there."""
    folder = render(repo, **answers)
    other = {"gitlab": ".github", "github": ".gitlab"}[answers["ci"]]
    assert (folder / CI_FILES[answers["ci"]]).is_file()
    assert [] == [path for path in folder.iterdir() if path.name.startswith(other)]


def test_ci_is_steps_of_scaffold(render: Render, repo: str, answers: dict[str, Any]) -> None:
    """Jobs run `scaffold pipeline` steps and nothing else."""
    deploys = [
        f"{step} --environment {environment}{report}"
        for environment in ("dev", "staging", "prod")
        for step, report in (("deploy", ""), ("smoke", " --junit reports/smoke.xml"))
    ]
    expected = {
        "app": ["validate", "test", "image", "image --no-push"],
        "deploy": ["validate", *(CHANGED if answers["ci"] == "github" else []), *deploys],
    }
    found = ci_steps(render(repo, **answers), answers["ci"])
    assert [f"scaffold pipeline {step}" for step in expected[repo]] == found


def test_the_summary_arrives_as_it_was_typed(render: Render, answers: dict[str, Any]) -> None:
    """Quotes, backslashes, dollars, braces and any script survive in every kind of file."""
    app = render("app", **answers)
    project = tomllib.loads((app / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    arrived = {
        "answers": load(app / ".copier-answers.yml")["summary"],
        "docs": load(app / "mkdocs.yml")["site_description"],
        "project": project["description"],
        "image": re.sub(r"\\(.)", r"\1", image_label(app / "Dockerfile")),
    }
    if answers["monitoring"]:
        dashboard = render("deploy", **answers) / "base/monitoring/dashboard.json"
        arrived["dashboard"] = json.loads(dashboard.read_text(encoding="utf-8"))["description"]
    assert dict.fromkeys(arrived, answers["summary"]) == arrived


def test_the_licence_is_the_same_everywhere(render: Render, answers: dict[str, Any]) -> None:
    """The file, the project's metadata, the image's label and the README tell one; without one, none does."""
    code = render("app", **answers)
    hold_licence(code, render("app", **answers), answers)
    project = tomllib.loads((code / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if answers["license"] == "none":
        assert set() == {"license", "license-files"} & project.keys()
    else:
        assert (answers["license"], ["LICENSE"]) == (project["license"], project["license-files"])


def test_the_image_is_signed_as_answered(render: Render, answers: dict[str, Any]) -> None:
    """The repo's settings say by what, and the job that pushes, and no other, is given that."""
    hold_signing(render("app", **answers), answers)
