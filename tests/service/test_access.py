"""What a service gets from the platform: a namespace, a quota and the three roles, no more."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.checks.kubeconform import check_objects
from scaffold.checks.kustomize import build
from scaffold.checks.report import Result, passed
from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.fleet.access import access_tree
from scaffold.git.folders import write_folder
from scaffold.git.tree import Tree
from tests.builders import need_programs

PLATFORM = """\
name: acme
forge: {kind: local, path: /forge}
registry: registry.example.com
ci: {image: "ci:1"}
blueprints: [{name: python-service, url: "file:///blueprint.git"}]
environments:
  - {name: dev, quota: {cpu: 500m, memory: 1Gi, pods: 5}}
  - {name: prod, after: dev}
teams:
  - name: team-a
    groups: {read-only: [everybody], developer: [team-a, contractors], admin: [team-a-leads]}
  - name: team-b
    groups: {developer: [team-b]}
  - {name: team-c}
"""
FILES = ["kustomization.yaml", "namespace.yaml", "quota.yaml", "roles.yaml"]
Item = dict[str, Any]


def access(owner: str = "team-a", *, platform: str = PLATFORM, service: str = "shop") -> Tree:
    """The files for a service of this team."""
    return access_tree(parse_document(Platform, platform, source="x"), service, owner)


def objects(tree: Tree, name: str, environment: str = "dev") -> list[Item]:
    """The objects in one of its files."""
    return list(yaml.safe_load_all(tree[f"access/{environment}/shop/{name}"].data))


def bindings(owner: str) -> dict[str, tuple[str, list[str]]]:
    """The role and the groups of each binding, by its name."""
    return {
        one["metadata"]["name"]: (
            f"{one['roleRef']['kind']} {one['roleRef']['name']}",
            [f"{subject['kind']} {subject['name']}" for subject in one["subjects"]],
        )
        for one in objects(access(owner), "roles.yaml")
        if one["kind"] == "RoleBinding"
    }


def test_each_environment_has_its_folder() -> None:
    """With the same files in each."""
    expected = [f"access/{environment}/shop/{f}" for environment in ("dev", "prod") for f in FILES]
    assert expected == sorted(access())


@pytest.mark.parametrize(("environment", "name"), [("dev", "shop-dev"), ("prod", "shop-prod")])
def test_the_namespace(environment: str, name: str) -> None:
    """It is called as the platform has it, says whose it is, and takes only restricted pods."""
    labels = {
        "scaffold/service": "shop",
        "scaffold/owner": "team-a",
        "scaffold/environment": environment,
        "pod-security.kubernetes.io/enforce": "restricted",
    }
    metadata = {"name": name, "labels": labels}
    assert [{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}] == objects(
        access(), "namespace.yaml", environment
    )


def test_a_namespace_of_the_owner() -> None:
    """The platform may name it after whoever owns the service."""
    tree = access(platform=PLATFORM + 'namespace: "{owner}-{service}"\n')

    assert "team-a-shop" == objects(tree, "namespace.yaml")[0]["metadata"]["name"]


def test_a_namespace_that_is_too_long() -> None:
    """Kubernetes would refuse it, so it is refused here."""
    with pytest.raises(ValueError, match="has 64 characters; at most 63 fit"):
        access(service="x" * 60)


@pytest.mark.parametrize(
    ("environment", "hard"),
    [
        ("dev", {"requests.cpu": "500m", "requests.memory": "1Gi", "pods": "5"}),
        ("prod", {"requests.cpu": "4", "requests.memory": "8Gi", "pods": "20"}),
    ],
)
def test_the_quota(environment: str, hard: dict[str, str]) -> None:
    """Each environment's own, or the default."""
    specs = [one["spec"] for one in objects(access(), "quota.yaml", environment)]
    assert {"hard": hard} == specs[0]


def test_a_container_that_says_no_size_is_within_the_quota() -> None:
    """A quota refuses what asks for nothing, such as a pod that somebody starts to debug."""
    [_, limits] = objects(access(), "quota.yaml", "dev")
    requests = {"cpu": "50m", "memory": "64Mi"}
    assert ("LimitRange", "shop") == (limits["kind"], limits["metadata"]["name"])
    assert [{"type": "Container", "defaultRequest": requests}] == limits["spec"]["limits"]


def test_the_three_roles() -> None:
    """Each group of the team gets what its role is, in every environment the same."""
    assert {
        "shop-read-only-view": ("ClusterRole view", ["Group everybody"]),
        "shop-developer-view": ("ClusterRole view", ["Group team-a", "Group contractors"]),
        "shop-developer-shop-debug": ("Role shop-debug", ["Group team-a", "Group contractors"]),
        "shop-admin-admin": ("ClusterRole admin", ["Group team-a-leads"]),
    } == bindings("team-a")
    assert objects(access(), "roles.yaml") == objects(access(), "roles.yaml", "prod")


def test_a_role_that_no_group_holds() -> None:
    """It gets no binding, rather than one that names nobody."""
    assert ["shop-developer-view", "shop-developer-shop-debug"] == list(bindings("team-b"))


@pytest.mark.parametrize("owner", ["team-c", "team-z"])
def test_a_team_without_groups(owner: str) -> None:
    """Nobody gets anything; nor for a team that the platform does not know."""
    assert {} == bindings(owner)


def test_developers_get_no_secrets() -> None:
    """Beyond `view`, which has none, they may forward ports and delete pods, and that is all."""
    roles = [one for one in objects(access(), "roles.yaml") if one["kind"] == "Role"]

    assert [
        {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]},
    ] == [rule for role in roles for rule in role["rules"]]


def test_nothing_holds_in_other_namespaces() -> None:
    """No role is one of the whole cluster."""
    kinds = {one["kind"] for one in objects(access(), "roles.yaml")}

    assert {"Role", "RoleBinding"} == kinds


@pytest.mark.parametrize("owner", ["team-a", "team-b", "team-c"])
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_it_builds_and_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str, environment: str
) -> None:
    """The platform's pipeline applies it, into the namespace that it makes."""
    need_programs(monkeypatch, "kustomize", "kubeconform")
    write_folder(access(owner), tmp_path)

    text = build(tmp_path / "access" / environment / "shop", repo=tmp_path)

    found = [one for one in yaml.safe_load_all(text) if one["kind"] != "Namespace"]
    assert {f"shop-{environment}"} == {one["metadata"]["namespace"] for one in found}
    expected: Result = passed("kubeconform", "x", f"{len(found) + 1} objects")
    assert expected == check_objects(text, "x", kubernetes="1.34", schemas=tmp_path)


def test_flux_may_edit_the_namespace_and_no_more() -> None:
    """Its account for the service in that environment is bound there; nobody else has one."""
    server = PLATFORM.replace("{kind: local, path: /forge}", "{kind: gitlab, group: acme}")
    flux = server.replace(
        "name: prod, after: dev", "name: prod, after: dev, deploy: {engine: flux}"
    )
    tree = access(platform=flux)
    account = {"kind": "ServiceAccount", "name": "shop.prod", "namespace": "flux-system"}
    assert {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "shop-deploy"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit",
        },
        "subjects": [account],
    } == objects(tree, "roles.yaml", "prod")[-1]  # fmt: skip
    assert objects(access(), "roles.yaml") == objects(tree, "roles.yaml")
