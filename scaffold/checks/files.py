"""Checks of single files: CI configuration and Dockerfiles."""

from pathlib import Path

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.process import find_program, run

_CHECKS_HINT = "pip install 'scaffold-blueprints[checks]'"
_ACTIONLINT_HINT = "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
HADOLINT_CONFIG = ".hadolint.yaml"
_NO_EXCEPTIONS = Path(__file__).with_name("hadolint.yaml")
_TIMEOUT = 120.0
_MOST = 1000  # entries; the files of a fleet differ in little but names
_passed: set[tuple[str | bytes, ...]] = set()


def check_gitlab_ci(subject: Subject, target: str) -> list[Result]:
    """A GitLab pipeline against GitLab's own schema."""
    return _schema(subject, target, "vendor.gitlab-ci", "gitlab-ci")


def check_github_workflow(subject: Subject, target: str) -> list[Result]:
    """A GitHub workflow against its published schema."""
    return _schema(subject, target, "vendor.github-workflows", "github-workflow")


def check_actions(subject: Subject, target: str) -> list[Result]:
    """A GitHub workflow by actionlint, which knows expressions and runners."""
    return _run("actionlint", subject, target, ["actionlint", "-no-color"], _ACTIONLINT_HINT)


def check_dockerfile(subject: Subject, target: str) -> list[Result]:
    """A Dockerfile by hadolint; the repo's own .hadolint.yaml counts."""
    command = ["hadolint", "--no-color"]
    own = subject.path / HADOLINT_CONFIG
    config = own if own.exists() else _NO_EXCEPTIONS
    # Ours, or hadolint would read the user's, or one in the current folder.
    command += ["--config", str(config)]
    return _run("hadolint", subject, target, command, _CHECKS_HINT, config)


def _schema(subject: Subject, target: str, schema: str, name: str) -> list[Result]:
    command = ["check-jsonschema", "--builtin-schema", schema, "--color", "never"]
    if schema == "vendor.gitlab-ci":
        command += ["--data-transform", "gitlab-ci"]
    return _run(name, subject, target, command, _CHECKS_HINT)


def _run(
    name: str, subject: Subject, target: str, command: list[str], hint: str, *more: Path
) -> list[Result]:
    """Check a file, which reads `more` files; what passed once in this run passes again."""
    shown = f"{subject.name}/{target}"
    program = find_program(command[0])
    if program is None:
        return [not_run(name, shown, f"{command[0]} is not installed: {hint}")]
    file = subject.path / target
    content: tuple[str | bytes, ...] = (
        program, name, *(read.read_bytes() for read in (file, *more))
    )  # fmt: skip
    if content in _passed:
        return [passed(name, shown)]
    named = f"./{file}" if str(file).startswith("-") else str(file)  # not an option
    done = run([program, *command[1:], named], timeout=_TIMEOUT)
    if done.status == 0:
        if len(_passed) < _MOST:
            _passed.add(content)
        return [passed(name, shown)]
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    return [failed(name, shown, [line for line in output.splitlines() if line.strip()])]
