"""Checks of single files: CI configuration and Dockerfiles."""

from pathlib import Path

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.checks.tools import ACTIONLINT, CHECK_JSONSCHEMA, HADOLINT, Tool
from scaffold.process import find_program, run

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
    return _run("actionlint", subject, target, ACTIONLINT, ["-no-color"])


def check_dockerfile(subject: Subject, target: str) -> list[Result]:
    """A Dockerfile by hadolint; the repo's own .hadolint.yaml counts."""
    options = ["--no-color"]
    own = subject.path / HADOLINT_CONFIG
    config = own if own.exists() else _NO_EXCEPTIONS
    # Ours, or hadolint would read the user's, or one in the current folder.
    options += ["--config", str(config)]
    return _run("hadolint", subject, target, HADOLINT, options, config)


def _schema(subject: Subject, target: str, schema: str, name: str) -> list[Result]:
    options = ["--builtin-schema", schema, "--color", "never"]
    if schema == "vendor.gitlab-ci":
        options += ["--data-transform", "gitlab-ci"]
    return _run(name, subject, target, CHECK_JSONSCHEMA, options)


def _run(
    name: str, subject: Subject, target: str, tool: Tool, options: list[str], *more: Path
) -> list[Result]:
    """Check a file, which reads `more` files; what passed once in this run passes again."""
    shown = f"{subject.name}/{target}"
    program = find_program(tool.name)
    if program is None:
        return [not_run(name, shown, tool.missing)]
    file = subject.path / target
    content: tuple[str | bytes, ...] = (
        program, name, *(read.read_bytes() for read in (file, *more))
    )  # fmt: skip
    if content in _passed:
        return [passed(name, shown)]
    named = f"./{file}" if str(file).startswith("-") else str(file)  # not an option
    done = run([program, *options, named], timeout=_TIMEOUT)
    if done.status == 0:
        if len(_passed) < _MOST:
            _passed.add(content)
        return [passed(name, shown)]
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    return [failed(name, shown, [line for line in output.splitlines() if line.strip()])]
