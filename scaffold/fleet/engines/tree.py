"""All files below `deploy/` of the platform repo: one function of platform.yml and the catalog."""

from collections.abc import Iterable, Mapping

from scaffold.config.documents import parse_document
from scaffold.config.engine import Engine
from scaffold.config.forges.server import ServerForge
from scaffold.config.places import engine_folder, engine_path
from scaffold.config.platform import PLATFORM_FILE, Environment, Platform
from scaffold.config.service import Service, catalog_path
from scaffold.fleet.catalog import read_entry
from scaffold.fleet.engines import flux
from scaffold.fleet.engines.objects import file_of, run_of
from scaffold.git.tree import Entry, Tree


def engine_tree(platform: Platform, services: Iterable[Service]) -> Tree:
    """The files for every environment that an engine deploys; pure.

    Raises ValueError where a name does not fit what Kubernetes allows.
    """
    forge, known = platform.forge, tuple(services)
    tree: Tree = {}
    if not isinstance(forge, ServerForge):
        return tree  # platform.yml is not valid with an engine and repos in a folder
    for environment in platform.by_engine:
        if environment.deploy.engine is Engine.FLUX:
            tree |= _flux_tree(platform, forge, environment, known)
    return tree


def with_engines(tree: Mapping[str, Entry], name: str) -> Tree:
    """The platform repo's tree, in which the engines know what it says of one service.

    Raises ConfigError where platform.yml or the service's entry is not valid.
    """
    platform = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    if not platform.by_engine:
        return dict(tree)
    service = read_entry(tree[catalog_path(name)], name)
    mine = {engine_path(environment.name, name) for environment in platform.environments}
    kept = {path: entry for path, entry in tree.items() if path not in mine}
    return {**kept, **engine_tree(platform, [service])}


def _flux_tree(
    platform: Platform,
    forge: ServerForge,
    environment: Environment,
    services: tuple[Service, ...],
) -> Tree:
    root = f"{engine_folder(environment.name)}/engine.yaml"
    tree: Tree = {root: file_of(*flux.root(forge, environment))}
    for service in services:
        if run := run_of(platform, forge, service, environment):
            tree[engine_path(environment.name, service.name)] = file_of(*flux.service(run))
    return tree
