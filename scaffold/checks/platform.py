"""The platform repo: what people write in it fits together, and its access trees build."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from scaffold.checks.files import file_checks
from scaffold.checks.overlay import check_overlay
from scaffold.checks.report import Check, Result, failed, passed
from scaffold.config.documents import parse_document
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.config.service import Service, catalog_path
from scaffold.errors import ConfigError

# Namespaces, quotas and RBAC have been the same in every version since 1.8.
_KUBERNETES = "1.34"
_NAME = "settings"


def platform_checks(path: Path) -> Iterator[Check]:
    """Every check of the platform repo at `path`."""
    yield partial(_check_settings, path)
    for folder in sorted((path / "access").glob("*/*")):
        if (folder / "kustomization.yaml").is_file():
            yield partial(
                check_overlay,
                folder,
                f"{PLATFORM_REPO}/{folder.relative_to(path)}",
                kubernetes=_KUBERNETES,
                schemas=path / "schemas",
                instead_of={},
            )
    yield from file_checks(path, PLATFORM_REPO)


def _check_settings(path: Path) -> list[Result]:
    """platform.yml, and each entry of the catalog beside it."""
    target = f"{PLATFORM_REPO}/{PLATFORM_FILE}"
    try:
        text = (path / PLATFORM_FILE).read_text(encoding="utf-8")
        platform = parse_document(Platform, text, source=PLATFORM_FILE)
    except ConfigError as error:
        return [failed(_NAME, target, error.details or [str(error)])]
    entries = sorted((path / catalog_path("x")).parent.glob("*.yml"))
    return [passed(_NAME, target), *(_check_entry(platform, entry) for entry in entries)]


def _check_entry(platform: Platform, file: Path) -> Result:
    source = catalog_path(file.stem)
    target = f"{PLATFORM_REPO}/{source}"
    try:
        service = parse_document(Service, file.read_text(encoding="utf-8"), source=source)
    except ConfigError as error:
        return failed(_NAME, target, error.details or [str(error)])
    problems = []
    if service.name != file.stem:
        problems.append(f"{source}: `name` is `{service.name}`, which does not fit the file's name")
    if platform.team(service.owner) is None:
        problems.append(f"{source}: `owner`: {PLATFORM_FILE} has no team `{service.owner}`")
    if service.blueprint not in {source.name for source in platform.blueprints}:
        problems.append(f"{source}: `blueprint`: {PLATFORM_FILE} has no `{service.blueprint}`")
    return failed(_NAME, target, problems) if problems else passed(_NAME, target)
