"""Checks of single files: CI configuration and Dockerfiles."""

from pathlib import Path

from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.process import find_program, run

_CHECKS_HINT = "pip install 'scaffold-blueprints[checks]'"
_ACTIONLINT_HINT = "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
_TIMEOUT = 120.0


def check_gitlab_ci(file: Path, target: str) -> Result:
    """A GitLab pipeline against GitLab's own schema."""
    return _schema(file, target, "vendor.gitlab-ci", "gitlab-ci")


def check_github_workflow(file: Path, target: str) -> Result:
    """A GitHub workflow against its published schema."""
    return _schema(file, target, "vendor.github-workflows", "github-workflow")


def check_actions(file: Path, target: str) -> Result:
    """A GitHub workflow by actionlint, which knows expressions and runners."""
    return _run("actionlint", target, ["actionlint", "-no-color", str(file)], _ACTIONLINT_HINT)


def check_dockerfile(file: Path, target: str) -> Result:
    """A Dockerfile by hadolint; the repo's own .hadolint.yaml counts."""
    command = ["hadolint", "--no-color"]
    config = file.parent / ".hadolint.yaml"
    if config.exists():
        command += ["--config", str(config)]
    return _run("hadolint", target, [*command, str(file)], _CHECKS_HINT)


def _schema(file: Path, target: str, schema: str, name: str) -> Result:
    command = ["check-jsonschema", "--builtin-schema", schema, "--color", "never"]
    if schema == "vendor.gitlab-ci":
        command += ["--data-transform", "gitlab-ci"]
    return _run(name, target, [*command, str(file)], _CHECKS_HINT)


def _run(name: str, target: str, command: list[str], hint: str) -> Result:
    program = find_program(command[0])
    if program is None:
        return not_run(name, target, f"{command[0]} is not installed: {hint}")
    done = run([program, *command[1:]], timeout=_TIMEOUT)
    if done.status == 0:
        return passed(name, target)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    return failed(name, target, [line for line in said.splitlines() if line.strip()])
