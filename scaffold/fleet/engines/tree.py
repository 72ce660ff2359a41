"""All files below `deploy/` of the platform repo: one function of platform.yml and the catalog."""

from collections.abc import Iterable

from scaffold.config.engine import Engine
from scaffold.config.environment import Environment
from scaffold.config.forges.server import ServerForge
from scaffold.config.places import (
    NOTIFICATIONS_PATH,
    engine_path,
    engine_project_path,
    engine_root_path,
)
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.fleet.engines import argocd, flux
from scaffold.fleet.engines.objects import Run, file_of, run_of
from scaffold.git.tree import Tree


def engine_tree(platform: Platform, services: Iterable[Service]) -> Tree:
    """The files for every environment that an engine deploys; pure.

    Raises ValueError where a name does not fit what Kubernetes allows.
    """
    forge, known = platform.forge, tuple(services)
    tree: Tree = {}
    if not isinstance(forge, ServerForge):
        return tree  # platform.yml is not valid with an engine and repos in a folder
    for environment in platform.by_engine:
        found = (run_of(platform, forge, service, environment) for service in known)
        runs = [run for run in found if run is not None]
        if environment.deploy.engine is Engine.FLUX:
            tree |= _flux_tree(forge, environment, runs)
        else:
            tree |= _argocd_tree(platform, forge, environment, runs)
    return tree


def _flux_tree(forge: ServerForge, environment: Environment, runs: Iterable[Run]) -> Tree:
    tree: Tree = {engine_root_path(environment.name): file_of(*flux.root(forge, environment))}
    for run in runs:
        tree[engine_path(environment.name, run.service.name)] = file_of(*flux.service(run))
    return tree


def _argocd_tree(
    platform: Platform, forge: ServerForge, environment: Environment, runs: list[Run]
) -> Tree:
    tree: Tree = {
        NOTIFICATIONS_PATH: file_of(argocd.notifications(forge)),
        engine_root_path(environment.name): file_of(*argocd.root(forge, environment)),
    }
    for team in platform.teams:
        theirs = [run for run in runs if run.service.owner == team.name]
        path = engine_project_path(environment.name, team.name)
        tree[path] = file_of(argocd.team(environment, team, theirs))
    for run in runs:
        tree[engine_path(environment.name, run.service.name)] = file_of(*argocd.service(run))
    return tree
