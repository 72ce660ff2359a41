"""The platform repo: its files are valid and consistent."""

from functools import lru_cache

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, passed
from scaffold.config.documents import parse_document, read_file
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.config.service import Service
from scaffold.errors import ConfigError

_NAME = "settings"


def check_settings(subject: Subject, target: str) -> list[Result]:
    """platform.yml is valid."""
    shown = f"{PLATFORM_REPO}/{target}"
    try:
        _read_platform(subject)
    except ConfigError as error:
        return [failed(_NAME, shown, error.details or [str(error)])]
    return [passed(_NAME, shown)]


def check_catalog_entry(subject: Subject, target: str) -> list[Result]:
    """An entry of the catalog is valid and fits platform.yml; skipped if that is not valid."""
    try:
        platform = _read_platform(subject)
    except ConfigError:
        return []
    shown = f"{PLATFORM_REPO}/{target}"
    file = subject.path / target
    try:
        service = parse_document(Service, read_file(file), source=target)
    except ConfigError as error:
        return [failed(_NAME, shown, error.details or [str(error)])]
    problems = []
    if service.name != file.stem:
        problems.append(f"{target}: `name` is `{service.name}`, which does not fit the file's name")
    if platform.team(service.owner) is None:
        problems.append(f"{target}: `owner`: {PLATFORM_FILE} has no team `{service.owner}`")
    if service.blueprint not in {source.name for source in platform.blueprints}:
        problems.append(f"{target}: `blueprint`: {PLATFORM_FILE} has no `{service.blueprint}`")
    return [failed(_NAME, shown, problems) if problems else passed(_NAME, shown)]


def _read_platform(subject: Subject) -> Platform:
    return _parsed(read_file(subject.path / PLATFORM_FILE))


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> Platform:
    return parse_document(Platform, data, source=PLATFORM_FILE)
