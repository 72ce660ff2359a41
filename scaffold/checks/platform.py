"""The platform repo: its files are valid and consistent."""

from collections.abc import Iterator
from functools import lru_cache

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, passed
from scaffold.config.documents import Loc, parse_document, place_of, read_file
from scaffold.config.environment import Promotion
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.config.policy import ServicePolicy, loosenings
from scaffold.config.propagation import AnyFreeze
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
    data = read_file(file)
    try:
        service = parse_document(Service, data, source=target)
    except ConfigError as error:
        return [failed(_NAME, shown, error.details or [str(error)])]
    problems = []
    if service.name != file.stem:
        problems.append(f"{target}: `name` is `{service.name}`, which does not fit the file's name")
    if platform.team(service.owner) is None:
        problems.append(f"{target}: `owner`: {PLATFORM_FILE} has no team `{service.owner}`")
    if service.blueprint not in {source.name for source in platform.blueprints}:
        problems.append(f"{target}: `blueprint`: {PLATFORM_FILE} has no `{service.blueprint}`")
    problems += (
        f"{place_of(data, key, source=target)}: {what}"
        for key, what in _with_policy(platform, service.policy)
    )
    return [failed(_NAME, shown, problems) if problems else passed(_NAME, shown)]


def _with_policy(platform: Platform, policy: ServicePolicy) -> Iterator[tuple[Loc, str]]:
    """What does not fit in a service's policy, with the key."""
    known = {one.name: one for one in platform.environments}
    for number, wish in enumerate(policy.environments):
        key: Loc = ("policy", "environments", number)
        if wish.name not in known:
            yield (*key, "name"), f"{PLATFORM_FILE} has no environment `{wish.name}`"
            continue
        promotion = wish.promotion or known[wish.name].promotion
        if wish.soak_hours is not None and promotion is not Promotion.SOAK:
            what = f"`{wish.name}`: it counts with `promotion: soak` only"
            yield (*key, "soak_hours"), f"`soak_hours` of {what}"
        for loosening, why in loosenings(known[wish.name], wish):
            what = f"`{loosening}` of `{wish.name}`: {why}"
            yield (*key, str(loosening)), f"{what}, and it does not `allow` that"
    windows: dict[str, tuple[AnyFreeze, ...]] = {
        "freeze": policy.freeze,
        "weekly_freeze": policy.weekly_freeze,
    }
    for kind, freezes in windows.items():
        for number, freeze in enumerate(freezes):
            if unknown := sorted(set(freeze.environments) - known.keys()):
                named = ", ".join(f"`{one}`" for one in unknown)
                what = f"{PLATFORM_FILE} has no environment {named}"
                yield ("policy", kind, number, "environments"), what


def _read_platform(subject: Subject) -> Platform:
    return _parsed(read_file(subject.path / PLATFORM_FILE))


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> Platform:
    return parse_document(Platform, data, source=PLATFORM_FILE)
