"""The objects of a service in the platform repo: namespace, quota, roles, per environment.

They are in the platform repo, so that nobody can grant themselves a role from a repo that they may
merge to.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from scaffold.config.engine import Engine
from scaffold.config.environment import Environment
from scaffold.config.grant import Grant, clock
from scaffold.config.places import access_folder
from scaffold.config.platform import Platform
from scaffold.config.team import Groups, Role
from scaffold.fleet.engines import flux
from scaffold.fleet.engines.objects import file_of, object_name
from scaffold.git.tree import Entry, Tree

_RBAC = "rbac.authorization.k8s.io"
ROLES_FILE = "roles.yaml"
EXPIRES = "scaffold/expires"
"""The annotation of a binding with the time at which it has to be gone."""

OF_GRANT = "scaffold/grant"
"""The annotation of a binding with what the grant is called that it follows from."""

Grants = Mapping[str, Grant]
"""Grants by what they are called."""

NO_GRANTS: Grants = MappingProxyType({})
# Developers read everything but secrets and may debug pods; changes go through git only.
_DEBUG_RULES = [
    {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]},
]


def access_tree(platform: Platform, service: str, owner: str, grants: Grants = NO_GRANTS) -> Tree:
    """The files for every environment of the platform.

    All `grants` that are for the service are in it, over or not: the bot takes the files of those
    that are over away. Raises ValueError where a namespace's name does not fit.
    """
    tree: Tree = {}
    for environment in platform.environments:
        namespace = platform.namespace_of(service, environment.name, owner)
        folder = access_folder(environment.name, service)
        documents = {
            "namespace.yaml": [_namespace(namespace, service, owner, environment.name)],
            "quota.yaml": [_quota(service, environment), _limits(service)],
            ROLES_FILE: _all_roles(platform, service, owner, environment, grants),
            "kustomization.yaml": [
                {
                    "apiVersion": "kustomize.config.k8s.io/v1beta1",
                    "kind": "Kustomization",
                    "namespace": namespace,
                    "resources": ["namespace.yaml", "quota.yaml", ROLES_FILE],
                }
            ],
        }
        for name, objects in documents.items():
            tree[f"{folder}/{name}"] = file_of(*objects)
    return tree


def roles_files(
    platform: Platform, service: str, owner: str, environments: Collection[str], grants: Grants
) -> Tree:
    """Of the files of `access_tree` those with the roles, in some environments. Raises likewise."""
    tree: Tree = {}
    for environment in platform.environments:
        if environment.name in environments:
            platform.namespace_of(service, environment.name, owner)
            path = f"{access_folder(environment.name, service)}/{ROLES_FILE}"
            tree[path] = file_of(*_all_roles(platform, service, owner, environment, grants))
    return tree


def retire_marker_file(*, delete_data: bool) -> Entry:
    """The retire marker: under it, all that the service owns in an environment is deleted."""
    text = (
        "# Everything that the service owns in this environment is deleted. Written by scaffold.\n"
    )
    return Entry.file((text + ("delete-data: true\n" if delete_data else "")).encode())


def _namespace(name: str, service: str, owner: str, environment: str) -> dict[str, Any]:
    labels = {
        "scaffold/service": service,
        "scaffold/owner": owner,
        "scaffold/environment": environment,
        "pod-security.kubernetes.io/enforce": "restricted",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _quota(service: str, environment: Environment) -> dict[str, Any]:
    quota = environment.quota
    hard = {"requests.cpu": quota.cpu, "requests.memory": quota.memory, "pods": str(quota.pods)}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": service},
        "spec": {"hard": hard},
    }


def _limits(service: str) -> dict[str, Any]:
    """What a container is taken to ask for that says nothing, or the quota would refuse its pod."""
    limits = [{"type": "Container", "defaultRequest": {"cpu": "50m", "memory": "64Mi"}}]
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": service},
        "spec": {"limits": limits},
    }


def _all_roles(
    platform: Platform, service: str, owner: str, environment: Environment, grants: Grants
) -> list[dict[str, Any]]:
    """What the owner's groups, those who were given a role for a while, and the engine have."""
    team = platform.team(owner)
    return [
        *_roles(service, team.groups if team else Groups()),
        *_given(service, environment.name, grants),
        *_engine_role(service, environment),
    ]


def _roles(service: str, groups: Groups) -> list[dict[str, Any]]:
    """Bind each role's groups; a role without groups is left out."""
    debug = f"{service}-debug"
    bindings: list[dict[str, Any]] = [
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": {"name": debug},
            "rules": _DEBUG_RULES,
        }
    ]
    for role in Role:
        held_by = groups.of(role)
        for kind, name in _bound_to(role, service) if held_by else ():
            bindings.append(_binding(f"{service}-{role}-{name}", kind, name, held_by))
    return bindings


def _bound_to(role: Role, service: str) -> tuple[tuple[str, str], ...]:
    """The kind and name of what a role is made of in the namespace of a service."""
    return {
        Role.READ_ONLY: (("ClusterRole", "view"),),
        Role.DEVELOPER: (("ClusterRole", "view"), ("Role", f"{service}-debug")),
        Role.ADMIN: (("ClusterRole", "admin"),),
    }[role]


def _given(service: str, environment: str, grants: Grants) -> list[dict[str, Any]]:
    """The bindings of those who have a role for a while, each with its end."""
    bindings = []
    for name, grant in sorted(grants.items()):
        if grant.environment != environment or not grant.covers(service):
            continue
        subject = {"kind": grant.kind.title(), "apiGroup": _RBAC, "name": grant.who}
        for kind, role in _bound_to(grant.role, service):
            binding = _bound(f"{service}-{grant.role}-{role}-{name}", kind, role, [subject])
            binding["metadata"]["annotations"] = {
                OF_GRANT: name,
                EXPIRES: clock(grant.until),
            }
            bindings.append(binding)
    return bindings


def _engine_role(service: str, environment: Environment) -> list[dict[str, Any]]:
    """What Flux may do for a service; Argo CD is kept in bounds by its projects."""
    if environment.deploy.engine is not Engine.FLUX:
        return []
    account = {
        "kind": "ServiceAccount",
        "name": object_name(service, environment.name),
        "namespace": flux.NAMESPACE,
    }
    return [_bound(f"{service}-deploy", "ClusterRole", "edit", [account])]


def _binding(name: str, kind: str, role: str, groups: tuple[str, ...]) -> dict[str, Any]:
    subjects = [{"kind": "Group", "apiGroup": _RBAC, "name": group} for group in groups]
    return _bound(name, kind, role, subjects)


def _bound(name: str, kind: str, role: str, subjects: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role},
        "subjects": subjects,
    }
