"""Whether the generated files in a checkout of the platform repo are in step."""

from functools import partial
from pathlib import Path

from scaffold.checks.repo import check_repo
from scaffold.checks.report import Report, Result, failed, passed
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO
from scaffold.errors import ConfigError
from scaffold.fleet.generated import differences, left_out
from scaffold.fleet.sync import read_checkout, summary

_NAME = "generated"
_SHOWN = 20  # files; more are counted
_HINT = (
    "Run `scaffold platform sync`, which brings main in step; with --checkout it writes them here."
)


def check_checkout(path: Path, *, static_only: bool) -> Report:
    """Every check of a checkout; of the platform repo also whether what is generated is in step.

    Raises as `check_repo` does.
    """
    is_platform = (path / PLATFORM_FILE).is_file()
    more = (partial(check_generated, path),) if is_platform else ()
    return check_repo(path, static_only=static_only, more=more)


def check_generated(path: Path) -> list[Result]:
    """Each generated file is what platform.yml and the catalog say."""
    try:
        tree = read_checkout(path)
        found = differences(tree)
    except ConfigError as error:
        return [failed(_NAME, PLATFORM_REPO, error.details or [str(error)])]
    told = [line for error in left_out(tree).values() for line in error.lines]
    if found:
        told += [*summary(found, most=_SHOWN), _HINT]
    return [failed(_NAME, PLATFORM_REPO, told) if told else passed(_NAME, PLATFORM_REPO)]
