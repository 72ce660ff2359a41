"""All checks of one repo; what there is to check is read off its files."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from scaffold.checks.files import INPUTS, file_checks
from scaffold.checks.overlay import check_overlay
from scaffold.checks.platform import platform_checks
from scaffold.checks.report import Check, Report, Result, failed, not_run, passed, run_checks
from scaffold.config.documents import parse_document
from scaffold.config.platform import PLATFORM_FILE
from scaffold.config.repofile import REPOFILE, RepoFile
from scaffold.errors import ConfigError
from scaffold.process import find_program, run

# What no overlay is made of: documents, CI, and the answers to the template.
_NO_MANIFESTS = re.compile(
    r"docs/|\.github/|\.gitlab-ci\.yml$|(Dockerfile|\.hadolint\.yaml)$|.*\.md$|\.copier-answers[^/]*$"
)

_OVERLAY = re.compile(r"(base|environments/[^/]+)/kustomization\.yaml")


def read_repofile(path: Path) -> RepoFile:
    """Read a repo's `.scaffold.yml`. Raises ConfigError."""
    file = path / REPOFILE
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"can't be read: {getattr(error, 'strerror', None) or error}",
            where=str(file),
            hint="Is this one of the paired repos of a service? Name its folder.",
        ) from error
    return parse_document(RepoFile, text, source=str(file))


def check_repo(path: Path, *, static_only: bool) -> Report:
    """Run every check that the repo at `path` calls for, several at a time.

    A platform repo is checked as one. Raises ConfigError for a bad `.scaffold.yml`.
    """
    if (path / PLATFORM_FILE).is_file():
        return run_checks(platform_checks(path))
    checks = list(static_checks(path))
    if not static_only:
        checks.extend(_run_checks(path))
    return run_checks(checks)


def static_checks(
    path: Path,
    instead_of: Mapping[str, str] | None = None,
    *,
    changed: Collection[str] | None = None,
) -> Iterator[Check]:
    """The checks that run none of the repo's own code; `instead_of` is for kustomize, see there.

    Of a change, given as the paths that are `changed`, only those that it can break.
    Raises ConfigError for a bad `.scaffold.yml`.
    """
    about = read_repofile(path)
    if changed is None or _bears_on_overlays(changed):
        yield from _overlay_checks(path, about, instead_of or {})
    yield from file_checks(path, about.repo, changed=changed)


def may_break(changed: Collection[str], files: Iterable[str]) -> bool:
    """Whether a change calls for any static check of a repo with these files, told by paths."""
    if any(path.startswith(INPUTS) for path in changed):
        return True
    return _bears_on_overlays(changed) and any(map(_OVERLAY.fullmatch, files))


def _bears_on_overlays(changed: Collection[str]) -> bool:
    return not all(map(_NO_MANIFESTS.match, changed))


def _overlay_checks(path: Path, about: RepoFile, instead_of: Mapping[str, str]) -> Iterator[Check]:
    for folder in [path / "base", *sorted((path / "environments").glob("*"))]:
        if (folder / "kustomization.yaml").is_file():
            yield partial(
                check_overlay,
                folder,
                f"{about.repo}/{folder.relative_to(path)}",
                kubernetes=about.kubernetes,
                schemas=path / "schemas",
                instead_of=instead_of,
            )


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
