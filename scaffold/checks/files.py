"""Checks of single files: CI configuration and Dockerfiles."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from scaffold.checks.report import Check, Result, failed, not_run, passed
from scaffold.process import find_program, run

_CHECKS_HINT = "pip install 'scaffold-blueprints[checks]'"
_ACTIONLINT_HINT = "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
_PIPELINE, _DOCKERFILE, _HADOLINT_CONFIG = ".gitlab-ci.yml", "Dockerfile", ".hadolint.yaml"
_GITHUB = ".github/"
INPUTS = (_PIPELINE, _DOCKERFILE, _HADOLINT_CONFIG, _GITHUB)
"""What the paths begin with of all that these checks read."""

_NO_EXCEPTIONS = Path(__file__).with_name("hadolint.yaml")
_TIMEOUT = 120.0
_MOST = 1000  # files that are kept: a fleet has few that differ in more than a name
_passed: set[tuple[str | bytes, ...]] = set()


def file_checks(
    path: Path, name: str, *, changed: Collection[str] | None = None
) -> Iterator[Check]:
    """A check for each such file that the repo at `path` has; `name` stands for it in reports.

    With `changed`, paths of files, only those that a change of these can break.
    """
    for file, check, count in _files(path):
        if file.is_file() and (changed is None or any(one.startswith(count) for one in changed)):
            yield _ready(check, file, f"{name}/{file.relative_to(path)}")


def _files(path: Path) -> Iterator[tuple[Path, Callable[[Path, str], Result], tuple[str, ...]]]:
    """Each file with its check, and what the paths begin with of all that the check reads."""
    yield path / _PIPELINE, check_gitlab_ci, (_PIPELINE,)
    yield path / _DOCKERFILE, check_dockerfile, (_DOCKERFILE, _HADOLINT_CONFIG)
    for workflow in sorted((path / ".github" / "workflows").glob("*.y*ml")):
        yield workflow, check_github_workflow, (workflow.relative_to(path).as_posix(),)
        yield workflow, check_actions, (_GITHUB,)  # it looks into actions beside it, too


def _ready(check: Callable[[Path, str], Result], file: Path, target: str) -> Check:
    return lambda: [check(file, target)]


def check_gitlab_ci(file: Path, target: str) -> Result:
    """A GitLab pipeline against GitLab's own schema."""
    return _schema(file, target, "vendor.gitlab-ci", "gitlab-ci")


def check_github_workflow(file: Path, target: str) -> Result:
    """A GitHub workflow against its published schema."""
    return _schema(file, target, "vendor.github-workflows", "github-workflow")


def check_actions(file: Path, target: str) -> Result:
    """A GitHub workflow by actionlint, which knows expressions and runners."""
    return _run("actionlint", target, ["actionlint", "-no-color"], [file], _ACTIONLINT_HINT)


def check_dockerfile(file: Path, target: str) -> Result:
    """A Dockerfile by hadolint; the repo's own .hadolint.yaml counts."""
    command = ["hadolint", "--no-color"]
    own = file.parent / _HADOLINT_CONFIG
    config = own if own.exists() else _NO_EXCEPTIONS
    # Ours keeps hadolint from the user's, and from the one where the command was run.
    command += ["--config", str(config)]
    return _run("hadolint", target, command, [file, config], _CHECKS_HINT)


def _schema(file: Path, target: str, schema: str, name: str) -> Result:
    command = ["check-jsonschema", "--builtin-schema", schema, "--color", "never"]
    if schema == "vendor.gitlab-ci":
        command += ["--data-transform", "gitlab-ci"]
    return _run(name, target, command, [file], _CHECKS_HINT)


def _run(name: str, target: str, command: list[str], read: list[Path], hint: str) -> Result:
    """Check the first of the files that are read; what passed once in this run passes again."""
    program = find_program(command[0])
    if program is None:
        return not_run(name, target, f"{command[0]} is not installed: {hint}")
    content: tuple[str | bytes, ...] = (program, name, *(file.read_bytes() for file in read))
    if content in _passed:
        return passed(name, target)
    done = run([program, *command[1:], str(read[0])], timeout=_TIMEOUT)
    if done.status == 0:
        if len(_passed) < _MOST:
            _passed.add(content)
        return passed(name, target)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    return failed(name, target, [line for line in said.splitlines() if line.strip()])
