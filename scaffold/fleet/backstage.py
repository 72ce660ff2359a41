"""The catalog as entities of Backstage, in files of the platform repo: a service, and the teams.

The fields are those of https://backstage.io/docs/features/software-catalog/descriptor-format.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from scaffold.config.places import BACKSTAGE_TEAMS, backstage_path
from scaffold.config.platform import Platform
from scaffold.config.service import PairedRepo, Service
from scaffold.fleet.engines.objects import file_of
from scaffold.fleet.links import service_links
from scaffold.forge.pages import main_page
from scaffold.git.tree import Tree

Json = dict[str, Any]


def backstage_tree(platform: Platform, services: Iterable[Service]) -> Tree:
    """The files, where platform.yml wants them; a service that is retired has none. Pure.

    Raises ValueError where a namespace's name does not fit what Kubernetes allows.
    """
    if not platform.backstage:
        return {}
    tree: Tree = {BACKSTAGE_TEAMS: file_of(*(_group(team.name) for team in platform.teams))}
    for service in services:
        if not service.is_retired:
            tree[backstage_path(service.name)] = file_of(*_entities(platform, service))
    return tree


def _group(team: str) -> Json:
    return _entity("Group", {"name": team}, {"type": "team", "children": []})


def _entities(platform: Platform, service: Service) -> Iterator[Json]:
    """The service as a system, what its code makes as a component, its namespaces as resources."""
    owner = f"group:{service.owner}"
    about = {"name": service.name, "description": service.summary}
    namespaces = dict(_namespaces(platform, service))
    yield _entity("System", about, {"owner": owner})
    yield _entity(
        "Component",
        {
            **about,
            "annotations": dict(_annotations(platform, service)),
            "links": [
                {"title": word.capitalize(), "url": url}
                for word, url in service_links(platform, service)
            ],
            "tags": [service.blueprint],
        },
        {
            "type": "service",
            "lifecycle": "production",
            "owner": owner,
            "system": service.name,
            "dependsOn": [f"resource:{name}" for name in namespaces],
        },
    )
    for name, environment in namespaces.items():
        yield _entity(
            "Resource",
            {"name": name, "description": f"{service.name} in {environment}"},
            {"type": "kubernetes-namespace", "owner": owner, "system": service.name},
        )


def _entity(kind: str, metadata: Json, spec: Json) -> Json:
    told = {key: value for key, value in metadata.items() if value}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": told,
        "spec": spec,
    }


def _namespaces(platform: Platform, service: Service) -> Iterator[tuple[str, str]]:
    """The namespace of each environment, with its name; none of what is not deployed."""
    for one in platform.chain() if service.env_repo is not None else ():
        yield platform.namespace_of(service.name, one.name, service.owner), one.name


def _annotations(platform: Platform, service: Service) -> Iterator[tuple[str, str]]:
    """By which plugins of Backstage find the pods, the source and the docs of a service."""
    yield "backstage.io/kubernetes-label-selector", f"app.kubernetes.io/name={service.name}"
    first: PairedRepo = next(iter(service.repos.values()))  # the chain begins with the code
    if page := main_page(platform.forge.kind, first.url):
        yield "backstage.io/source-location", f"url:{page}"
        yield "backstage.io/techdocs-ref", f"url:{page}"
