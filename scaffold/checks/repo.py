"""All checks of one repo, chosen by the files in it."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from scaffold.checks.registered import CHECKS
from scaffold.checks.registry import Scope, Subject
from scaffold.checks.report import Check, Report, run_checks
from scaffold.config.documents import parse_document, read_file
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO
from scaffold.config.repofile import REPOFILE, RepoFile
from scaffold.errors import CheckFailedError

# Namespaces, quotas and RBAC have been the same in every version since 1.8.
_PLATFORMS_KUBERNETES = "1.34"


def read_repofile(path: Path) -> RepoFile:
    """Read a repo's `.scaffold.yml`. Raises ConfigError."""
    file = path / REPOFILE
    hint = "Is this one of the paired repos of a service? Name its folder."
    return parse_document(RepoFile, read_file(file, hint=hint), source=str(file))


def check_repo(path: Path, *, static_only: bool, more: Iterable[Check] = ()) -> Report:
    """Run every check for the files of the repo at `path`, and `more`, several at a time.

    A platform repo is checked as such. Raises ConfigError for a bad `.scaffold.yml`, and
    CheckFailedError where no check applies: that is not a pass.
    """
    if (path / PLATFORM_FILE).is_file():
        report = run_checks([*platform_checks(path), *more])
    else:
        checks = static_checks(path) if static_only else _all_checks(path)
        report = run_checks([*checks, *more])
    if not report.results:
        raise CheckFailedError(
            "nothing was checked: no file here has a check",
            where=str(path),
            hint="Name the repo's top folder.",
        )
    return report


def static_checks(
    path: Path,
    *,
    changed: Collection[str] | None = None,
) -> Iterator[Check]:
    """The checks that run none of the repo's own code.

    With `changed` paths, only those that the change can break. Raises ConfigError for a bad
    `.scaffold.yml`.
    """
    subject = _paired(path)
    return _checks(subject, Scope.PAIRED, static_only=True, changed=changed)


def platform_checks(path: Path) -> Iterator[Check]:
    """The checks of the platform repo at `path`."""
    subject = Subject(path, PLATFORM_REPO, _PLATFORMS_KUBERNETES)
    return _checks(subject, Scope.PLATFORM, static_only=True)


def may_break(changed: Collection[str], files: Iterable[str]) -> bool:
    """Whether a change of these paths affects any static check of a paired repo."""
    checks = [check for check in CHECKS if check.static and check.is_for(Scope.PAIRED)]
    return any(
        check.looks_at(path) and check.bears(path, changed) for path in files for check in checks
    )


def _all_checks(path: Path) -> Iterator[Check]:
    return _checks(_paired(path), Scope.PAIRED, static_only=False)


def _paired(path: Path) -> Subject:
    about = read_repofile(path)
    return Subject(path, about.repo, about.kubernetes)


def _checks(
    subject: Subject, scope: Scope, *, static_only: bool, changed: Collection[str] | None = None
) -> Iterator[Check]:
    for check in CHECKS:
        if check.is_for(scope) and (check.static or not static_only):
            yield from check.of(subject, changed)
