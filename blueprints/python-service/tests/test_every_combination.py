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

REPOS = ["code", "docker", "manifest", "env"]

ANSWERS = {
    "ci": ["gitlab", "github"],
    "exposure": ["none", "internal", "public"],
    "monitoring": [True, False],
    "size": ["small", "medium", "large"],
    "python_version": ["3.11", "3.12", "3.13"],
    "service": ["payments", "json", "forty-" + 34 * "x"],
    "cluster_issuer": ["", "letsencrypt"],
    "gateway_namespace": ["", "gateways"],
    "license": ["none", "Apache-2.0", "BSD-3-Clause", "MIT"],
    "supply_chain": ["none", "scan", "key", "keyless"],
    "pull_secrets": [[], ["registry"]],
    "secret_store": ["", "vault"],
    "database": [False, True],
    "tracing": [False, True],
    "otlp_endpoint": ["", "https://otlp.example.com"],
    "secrets": [[], ["DATABASE_URL", "API_KEY"]],
    "summary": SUMMARIES,
}


@pytest.fixture(
    params=matrix(ANSWERS), ids=lambda answers: "-".join(map(str, list(answers.values())[:-1]))
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
    for path in render("code", **answers).rglob("*.py"):
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
    names = {
        path.relative_to(render(repo, **answers)).as_posix()
        for path in files(render(repo, **answers))
    }
    assert set() == {n for n in names if re.search(r"upstream\.yml|^image/|/release/", n)}


def test_no_namespace_is_rendered(render: Render, repo: str, answers: dict[str, Any]) -> None:
    """Namespaces are the platform's: no repo of a service brings one."""
    for path in files(render(repo, **answers)):
        assert "kind: Namespace\n" not in path.read_text(encoding="utf-8"), path


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
        "code": ["test"],
        "docker": ["validate", "image", "image --no-push"],
        "manifest": ["validate"],
        "env": ["validate", *(CHANGED if answers["ci"] == "github" else []), *deploys],
    }
    found = ci_steps(render(repo, **answers), answers["ci"])
    assert [f"scaffold pipeline {step}" for step in expected[repo]] == found


def test_the_summary_arrives_as_it_was_typed(render: Render, answers: dict[str, Any]) -> None:
    """Quotes, backslashes, dollars, braces and any script survive in every kind of file."""
    code, docker = render("code", **answers), render("docker", **answers)
    arrived = {
        "answers": load(code / ".copier-answers.yml")["summary"],
        "docs": load(code / "mkdocs.yml")["site_description"],
        "project": tomllib.loads((code / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "description"
        ],
        "image": re.sub(r"\\(.)", r"\1", image_label(docker / "Dockerfile")),
    }
    if answers["monitoring"]:
        dashboard = render("manifest", **answers) / "base/monitoring/dashboard.json"
        arrived["dashboard"] = json.loads(dashboard.read_text(encoding="utf-8"))["description"]
    assert dict.fromkeys(arrived, answers["summary"]) == arrived


def test_the_image_label_expands_nothing(render: Render, answers: dict[str, Any]) -> None:
    """Each `$`, quote and backslash of the summary is escaped in the Dockerfile."""
    label = image_label(render("docker", **answers) / "Dockerfile")
    assert "" == re.sub(r'\\[\\"$]|[^\\"$]', "", label)


def test_the_licence_is_the_same_everywhere(render: Render, answers: dict[str, Any]) -> None:
    """The file, the project's metadata, the image's label and the README tell one; without one, none does."""
    code = render("code", **answers)
    hold_licence(code, render("docker", **answers), answers)
    project = tomllib.loads((code / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if answers["license"] == "none":
        assert set() == {"license", "license-files"} & project.keys()
    else:
        assert (answers["license"], ["LICENSE"]) == (project["license"], project["license-files"])


def test_the_image_is_signed_as_answered(render: Render, answers: dict[str, Any]) -> None:
    """The repo's settings say by what, and the job that pushes, and no other, is given that."""
    hold_signing(render("docker", **answers), answers)
