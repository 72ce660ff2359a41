"""The generated files of the platform repo: one function of platform.yml and the catalog.

They are the access of each service, also of those who have a role for a while, and what engines
and Backstage are told. What else lies beside them is whoever's wrote it, and left alone.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scaffold.config.documents import parse_document
from scaffold.config.engine import Engine
from scaffold.config.forges.server import ServerForge
from scaffold.config.grant import grant_path
from scaffold.config.places import (
    ACCESS_FOLDER,
    BACKSTAGE_FOLDER,
    BACKSTAGE_TEAMS,
    DEPLOY_FOLDER,
    ENGINE_ROOT,
    NOTIFICATIONS_PATH,
    RETIRE_MARKER,
    access_folder,
    backstage_path,
    engine_path,
)
from scaffold.config.platform import PLATFORM_FILE, Platform
from scaffold.config.service import Service, catalog_path
from scaffold.errors import ConfigError
from scaffold.fleet.access import NO_GRANTS, ROLES_FILE, Grants, access_tree, retire_marker_file
from scaffold.fleet.backstage import backstage_tree
from scaffold.fleet.catalog import Catalog, read_catalog, read_entry
from scaffold.fleet.engines.objects import run_of
from scaffold.fleet.engines.tree import engine_tree
from scaffold.fleet.grants import read_grants
from scaffold.git.tree import Entry, Tree

_NAME = "[^/]+"
_ACCESS_FILES = f"(?:namespace|quota|roles|kustomization)\\.yaml|{re.escape(RETIRE_MARKER)}"
_OF_SERVICE = re.compile(
    f"{ACCESS_FOLDER}/{_NAME}/({_NAME})/(?:{_ACCESS_FILES})"
    f"|{DEPLOY_FOLDER}/{_NAME}/services/({_NAME})\\.yaml"
    f"|{BACKSTAGE_FOLDER}/services/({_NAME})\\.yaml"
)
_SHARED = re.compile(
    f"{re.escape(NOTIFICATIONS_PATH)}|{re.escape(BACKSTAGE_TEAMS)}"
    f"|{DEPLOY_FOLDER}/{_NAME}/(?:{re.escape(ENGINE_ROOT)}|teams/{_NAME}\\.yaml)"
)


class Change(StrEnum):
    """What has to become of a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Difference:
    """A file that is not what platform.yml and the catalog say; `why` names what it is made of.

    `before` is what is there, `after` what should be; None for no file.
    """

    path: str
    why: str
    before: bytes | None
    after: bytes | None

    @property
    def change(self) -> Change:
        """What has to become of it."""
        if self.before is None:
            return Change.ADDED
        return Change.REMOVED if self.after is None else Change.CHANGED


def generated_tree(
    platform: Platform, services: Iterable[Service], grants: Grants = NO_GRANTS
) -> Tree:
    """All generated files; pure. What is retired has none of the grants.

    Raises ConfigError where a name does not fit what Kubernetes allows.
    """
    known = tuple(services)
    tree: Tree = {}
    try:
        for service in known:
            given = NO_GRANTS if service.is_retired else grants
            tree |= access_tree(platform, service.name, service.owner, given)
            if service.is_retired:
                marker = retire_marker_file(delete_data=service.delete_data)
                for environment in platform.environments:
                    folder = access_folder(environment.name, service.name)
                    tree[f"{folder}/{RETIRE_MARKER}"] = marker
        return tree | engine_tree(platform, known) | backstage_tree(platform, known)
    except ValueError as error:
        raise _unfit(error, PLATFORM_FILE) from error


def unfit_services(platform: Platform, services: Iterable[Service]) -> dict[str, ConfigError]:
    """The services that nothing can be generated for, and why.

    A namespace or an object would be named after them, and Kubernetes does not allow the name.
    """
    found: dict[str, ConfigError] = {}
    for service in services:
        try:
            for environment in platform.environments:
                platform.namespace_of(service.name, environment.name, service.owner)
            for environment in platform.by_engine:
                if isinstance(platform.forge, ServerForge):
                    run_of(platform, platform.forge, service, environment)
        except ValueError as error:
            found[service.name] = _unfit(error, catalog_path(service.name))
    return found


def left_out(tree: Mapping[str, Entry]) -> dict[str, ConfigError]:
    """The services and grants that `differences` leaves out, and why. Raises as it does."""
    platform = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    grants = read_grants(platform, tree).invalid.items()
    told = {grant_path(name): error for name, error in grants}
    return {**told, **_readable(platform, tree).invalid}


def _unfit(error: ValueError, where: str) -> ConfigError:
    hint = f"Shorten the name, or `namespace` in {PLATFORM_FILE}."
    return ConfigError(str(error), where=where, hint=hint)


def differences(
    tree: Mapping[str, Entry], services: Collection[str] | None = None
) -> tuple[Difference, ...]:
    """The generated files in which the platform repo's tree is out of step, by path.

    With `services`, those of these services alone. Those of a service whose entry is not valid, or
    has a name that does not fit, are left out. Raises ConfigError where platform.yml is not valid;
    with Argo CD also where an entry is not, since a project lists all services.
    """
    platform = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    catalog = _readable(platform, tree)
    grants = read_grants(platform, tree).valid
    known = [one for one in catalog.services.values() if services is None or one.name in services]
    wanted = generated_tree(platform, known, grants)
    found = []
    for path in sorted({*wanted, *filter(_is_generated, tree)}):
        if services is not None and _service_of(path) not in services:
            continue
        before = tree[path].data if path in tree else None
        after = wanted[path].data if path in wanted else None
        if before != after and _service_of(path) not in catalog.invalid:
            found.append(Difference(path, _why(path, platform, catalog, grants), before, after))
    return tuple(found)


def changed_files(
    before: Mapping[str, Entry], after: Mapping[str, Entry], why: str
) -> tuple[Difference, ...]:
    """The files that differ between two trees, by path. Pure."""
    return tuple(
        Difference(
            path, why, *((tree[path].data if path in tree else None) for tree in (before, after))
        )
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def with_differences(tree: Mapping[str, Entry], found: Iterable[Difference]) -> Tree:
    """The tree in which these files are what they should be."""
    changed = dict(tree)
    for one in found:
        if one.after is None:
            del changed[one.path]
        else:
            changed[one.path] = Entry.file(one.after)
    return changed


def with_service(tree: Mapping[str, Entry], name: str) -> Tree:
    """The platform repo's tree, in which the generated files of one service are in step.

    Raises ConfigError where platform.yml or the service's entry is not valid; with Argo CD also
    where another's is not, since a project lists all services of its team.
    """
    platform = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    service = read_entry(tree[catalog_path(name)], name)
    known = _readable(platform, tree).services.values() if _by_argocd(platform) else (service,)
    folders = {access_folder(one.name, name) for one in platform.environments}
    told = {backstage_path(name), *(engine_path(one.name, name) for one in platform.environments)}
    kept = {
        path: entry
        for path, entry in tree.items()
        if path not in told and not (_is_generated(path) and path.rpartition("/")[0] in folders)
    }
    wanted = generated_tree(platform, known, read_grants(platform, tree).valid)
    return kept | {
        path: entry for path, entry in wanted.items() if _service_of(path) in {name, None}
    }


def _by_argocd(platform: Platform) -> bool:
    return any(one.deploy.engine is Engine.ARGOCD for one in platform.by_engine)


def _readable(platform: Platform, tree: Mapping[str, Entry]) -> Catalog:
    """The catalog, in which names that do not fit are invalid, too.

    Raises ConfigError for an invalid entry where all are needed.
    """
    catalog = read_catalog(tree)
    unfit = unfit_services(platform, catalog.services.values())
    invalid = {**catalog.invalid, **unfit}
    if _by_argocd(platform):
        for error in invalid.values():
            raise error
    fit = {name: one for name, one in catalog.services.items() if name not in unfit}
    return Catalog(fit, invalid)


def _is_generated(path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in (_OF_SERVICE, _SHARED))


def _service_of(path: str) -> str | None:
    """The service that a generated file is of; None for one that is shared."""
    match = _OF_SERVICE.fullmatch(path)
    return next(filter(None, match.groups())) if match else None


def _why(path: str, platform: Platform, catalog: Catalog, grants: Grants) -> str:
    """What a generated file follows from, in words."""
    if path.startswith(f"{BACKSTAGE_FOLDER}/"):
        return _why_backstage(path, platform, catalog)
    folder, environment, *_, name = path.split("/") if path != NOTIFICATIONS_PATH else ("", "", "")
    if not folder:
        return f"{PLATFORM_FILE}: `deploy` of the environments, `forge`"
    if environment not in {one.name for one in platform.environments}:
        return f"{PLATFORM_FILE} has no environment `{environment}`"
    service = _service_of(path)
    if service is None:
        return f"{PLATFORM_FILE}: `deploy` of the environment `{environment}`, `teams`, `forge`"
    if service not in catalog.services:
        return f"there is no {catalog_path(service)}"
    entry = catalog_path(service)
    if folder == DEPLOY_FOLDER:
        return f"{PLATFORM_FILE}: `deploy` of the environment `{environment}`, and {entry}"
    owner = catalog.services[service].owner
    given = [
        grant_path(name)
        for name, grant in grants.items()
        if grant.environment == environment and grant.covers(service)
    ]
    more = f"; {', '.join(given)}" if given else ""
    return {
        "quota.yaml": f"{PLATFORM_FILE}: `quota` of the environment `{environment}`",
        ROLES_FILE: f"{PLATFORM_FILE}: `groups` of the team `{owner}`, which {entry} names{more}",
        RETIRE_MARKER: f"{entry}: `state` and `delete_data`",
    }.get(name, f"{PLATFORM_FILE}: `namespace`, and {entry}: `owner`")


def _why_backstage(path: str, platform: Platform, catalog: Catalog) -> str:
    service = _service_of(path)
    if not platform.backstage:
        return f"{PLATFORM_FILE}: `backstage` is false"
    if service is None:
        return f"{PLATFORM_FILE}: `backstage`, `teams`"
    entry = catalog_path(service)
    return (
        f"{PLATFORM_FILE}, and {entry}" if service in catalog.services else f"there is no {entry}"
    )
