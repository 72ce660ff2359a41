"""All checks of one repo; what there is to check is read off its files."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from scaffold.checks import files, kubeconform, kustomize
from scaffold.checks.report import Report, Result, failed, not_run, passed
from scaffold.errors import ConfigError, ProcessFailedError, ToolMissingError
from scaffold.model.documents import parse_document
from scaffold.model.repofile import REPOFILE, RepoFile
from scaffold.process import find_program, run

Check = Callable[[], list[Result]]
FileCheck = Callable[[Path, str], Result]


def read_repofile(path: Path) -> RepoFile:
    """Read a repo's `.scaffold.yml`. Raises ConfigError."""
    file = path / REPOFILE
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"can't be read: {error.strerror}",
            where=str(file),
            hint="Is this one of the paired repos of a service? Name its folder.",
        ) from error
    return parse_document(RepoFile, text, source=str(file))


def check_repo(
    path: Path, *, static_only: bool, instead_of: Mapping[str, str] | None = None
) -> Report:
    """Run every check that the repo at `path` calls for, several at a time.

    `instead_of` is for kustomize, see there. Raises ConfigError for a bad `.scaffold.yml`.
    """
    about = read_repofile(path)
    checks = list(_static_checks(path, about, instead_of or {}))
    if not static_only:
        checks.extend(_run_checks(path))
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        results = [result for found in pool.map(lambda check: check(), checks) for result in found]
    return Report(tuple(results))


def _static_checks(path: Path, about: RepoFile, instead_of: Mapping[str, str]) -> Iterator[Check]:
    for folder in [path / "base", *sorted((path / "environments").glob("*"))]:
        if (folder / "kustomization.yaml").is_file():
            yield partial(_check_overlay, path, folder, about, instead_of)
    for file, check in _single_files(path):
        if file.is_file():
            yield partial(_check_file, check, file, f"{about.repo}/{file.relative_to(path)}")


def _single_files(path: Path) -> Iterator[tuple[Path, FileCheck]]:
    yield path / ".gitlab-ci.yml", files.check_gitlab_ci
    yield path / "Dockerfile", files.check_dockerfile
    for workflow in sorted((path / ".github" / "workflows").glob("*.y*ml")):
        yield workflow, files.check_github_workflow
        yield workflow, files.check_actions


def _check_file(check: FileCheck, file: Path, target: str) -> list[Result]:
    return [check(file, target)]


def _check_overlay(
    path: Path, folder: Path, about: RepoFile, instead_of: Mapping[str, str]
) -> list[Result]:
    target = f"{about.repo}/{folder.relative_to(path)}"
    try:
        text = kustomize.build(folder, instead_of=instead_of)
    except ToolMissingError as error:
        why = f"{error}: {error.hint}"
        return [not_run("kustomize", target, why), not_run(kubeconform.NAME, target, why)]
    except ProcessFailedError as error:
        return [failed("kustomize", target, error.details or [str(error)])]
    if not text.strip():
        return [passed("kustomize", target, "builds to nothing: nothing was promoted here yet")]
    checked = kubeconform.check_objects(
        text, target, kubernetes=about.kubernetes, schemas=path / "schemas"
    )
    return [passed("kustomize", target), checked]


def _run_checks(path: Path) -> Iterator[Check]:
    """The repo's own tests; they run its code, so never where the fleet's tokens are."""
    if (path / "Makefile").is_file():
        yield lambda: [_own_tests(path)]


def _own_tests(path: Path) -> Result:
    program = find_program("make")
    if program is None:
        return not_run("tests", "make test", "make is not installed")
    done = run([program, "test"], cwd=path)
    if done.status == 0:
        return passed("tests", "make test")
    return failed("tests", "make test", done.last_lines)
