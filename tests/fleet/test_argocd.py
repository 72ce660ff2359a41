"""What Argo CD is told: an object for an object, and what a change of each input changes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.errors import ConfigError
from scaffold.fleet.generated import with_service
from scaffold.git.tree import Entry, Tree
from tests.builders import need_programs
from tests.fleet.engines import (
    Item,
    annotations_of_kept,
    differing,
    entry,
    files,
    objects,
    settings,
)

SHOP = "deploy/dev/services/shop.yaml"
TEAM = "deploy/dev/teams/team-a.yaml: AppProject team-a.dev"
RELEASE, ACCESS = f"{SHOP}: Application shop.dev", f"{SHOP}: Application shop.dev.access"
KEEP = "argocd.argoproj.io/sync-options"
LABELS = {"scaffold/service": "shop", "scaffold/owner": "team-a", "scaffold/environment": "dev"}


def argocd(*entries: Item, **more: Any) -> Tree:
    """The files of a platform with Argo CD."""
    return files(settings("argocd", **more), *entries)


def in_both(*keys: str) -> set[str]:
    """The same objects in dev and in prod."""
    return {*keys, *(key.replace("dev", "prod") for key in keys)}


def one(key: str, *entries: Item, **more: Any) -> Item:
    """One object, of a platform with the service shop."""
    return objects(argocd(*(entries or (entry("shop"),)), **more))[key]


def test_what_there_is_for_each_environment() -> None:
    """What it starts at, a project a team, a file a service; and how statuses are set, once."""
    expected = {
        "deploy/argocd-notifications.yaml",
        "deploy/dev/engine.yaml", SHOP, "deploy/dev/teams/team-a.yaml",
        "deploy/dev/teams/team-b.yaml",
        "deploy/prod/engine.yaml", SHOP.replace("dev", "prod"), "deploy/prod/teams/team-a.yaml",
        "deploy/prod/teams/team-b.yaml",
    }  # fmt: skip
    assert expected == argocd(entry("shop")).keys()


def test_the_release_follows_its_environment_in_the_env_repo() -> None:
    """By itself, with what is no longer there removed, in the bounds of its team."""
    found = one(RELEASE)
    assert 2 == len(found["spec"]["source"].pop("kustomize")["patches"])
    del found["metadata"]["annotations"]
    assert {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "shop.dev",
            "namespace": "argocd",
            "labels": LABELS,
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "project": "team-a.dev",
            "source": {
                "repoURL": "https://git.example.com/acme/shop-env.git",
                "targetRevision": "main",
                "path": "environments/dev",
            },
            "destination": {"name": "in-cluster", "namespace": "shop-dev"},
            "syncPolicy": {
                "automated": {
                    "enabled": True, "prune": True, "selfHeal": True, "allowEmpty": True,
                },
                "retry": {
                    "limit": 10,
                    "backoff": {"duration": "30s", "factor": 2, "maxDuration": "10m"},
                },
                "syncOptions": ["ServerSideApply=true"],
            },
        },
    } == found  # fmt: skip


def test_access_comes_first_and_from_the_platform_repo() -> None:
    """In the platform's own project, which alone may have namespaces, quotas and roles."""
    access, release = one(ACCESS), one(RELEASE)
    assert ("scaffold-dev", "access/dev/shop") == (
        access["spec"]["project"], access["spec"]["source"]["path"],
    )  # fmt: skip
    waves = [item["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]
             for item in (access, release)]  # fmt: skip
    assert ["0", "1"] == waves


def test_a_team_is_kept_to_its_own() -> None:
    """Its services' env repos and namespaces; nothing of the whole cluster, no rights, no quota."""
    services = (entry("shop"), entry("cart"), entry("bank", owner="team-b"))
    spec = one(TEAM, *services)["spec"]
    del spec["description"]
    urls = [f"https://git.example.com/acme/{name}-env.git" for name in ("cart", "shop")]
    rbac = "rbac.authorization.k8s.io"
    assert {
        "sourceRepos": urls,
        "destinations": [
            {"name": "in-cluster", "namespace": "cart-dev"},
            {"name": "in-cluster", "namespace": "shop-dev"},
        ],
        "clusterResourceWhitelist": [],
        "namespaceResourceBlacklist": [
            {"group": "", "kind": "LimitRange"},
            {"group": "", "kind": "ResourceQuota"},
            {"group": rbac, "kind": "Role"},
            {"group": rbac, "kind": "RoleBinding"},
        ],
    } == spec


def test_the_platforms_own_project() -> None:
    """The platform repo alone, and of the whole cluster nothing but namespaces."""
    spec = one("deploy/prod/engine.yaml: AppProject scaffold-prod")["spec"]
    assert ["https://git.example.com/acme/platform.git"] == spec["sourceRepos"]
    assert [{"group": "", "kind": "Namespace"}] == spec["clusterResourceWhitelist"]
    assert [
        {"name": "in-cluster", "namespace": "argocd"}, {"name": "eu-1", "namespace": "*"},
    ] == spec["destinations"]  # fmt: skip


def test_a_mistake_with_the_root_deletes_nothing() -> None:
    """Neither one that deletes it, nor a folder that was emptied; the same goes for access."""
    root = one("deploy/dev/engine.yaml: Application scaffold-dev")
    assert "finalizers" not in root["metadata"]
    for item in (root, one(ACCESS)):
        assert "allowEmpty" not in item["spec"]["syncPolicy"]["automated"]


def test_a_pause_switches_the_automation_of_the_release_off() -> None:
    """Access goes on: a right that is taken away is gone at once."""
    paused = entry("shop", paused=True)
    assert one(RELEASE, paused)["spec"]["syncPolicy"]["automated"]["enabled"] is False
    assert one(ACCESS, paused)["spec"]["syncPolicy"]["automated"]["enabled"] is True


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"paused": True}, in_both(RELEASE)),
        ({"delete_data": True}, in_both(RELEASE, ACCESS)),
        ({"state": "retired"}, in_both(RELEASE, ACCESS, TEAM)),
        ({"owner": "team-b"}, in_both(RELEASE, ACCESS, TEAM, TEAM.replace("team-a", "team-b"))),
        ({"summary": "Sells"}, set()),
    ],
)
def test_what_a_change_of_the_catalog_changes(change: Item, expected: set[str]) -> None:
    """These objects of the service, its team's project, and none of another service."""
    before = argocd(entry("shop"), entry("cart"))
    assert expected == differing(before, argocd(entry("shop", **change), entry("cart")))


def test_a_new_team_gets_its_projects() -> None:
    """With nothing in them yet."""
    teams = [*settings("argocd")["teams"], {"name": "team-c"}]
    expected = in_both("deploy/dev/teams/team-c.yaml: AppProject team-c.dev")
    assert expected == differing(argocd(entry("shop")), argocd(entry("shop"), teams=teams))


FORGES = {
    "gitlab": {"kind": "gitlab", "group": "acme/shop"},
    "github": {"kind": "github", "group": "acme"},
    "enterprise": {"kind": "github", "group": "acme", "url": "https://git.example.com"},
    "gitea": {"kind": "gitea", "group": "acme", "url": "https://git.example.com"},
}


@pytest.mark.parametrize(
    ("forge", "url", "header", "path", "failed"),
    [
        ("gitlab", "https://gitlab.com/api/v4", "PRIVATE-TOKEN: $scaffold-status",
         "projects/acme%2Fshop%2Fshop-env/statuses", "failed"),
        ("github", "https://api.github.com", "Authorization: Bearer $scaffold-status",
         "repos/acme/shop-env/statuses", "failure"),
        ("enterprise", "https://git.example.com/api/v3", "Authorization: Bearer $scaffold-status",
         "repos/acme/shop-env/statuses", "failure"),
        ("gitea", "https://git.example.com/api/v1", "Authorization: token $scaffold-status",
         "repos/acme/shop-env/statuses", "failure"),
    ],
)  # fmt: skip
def test_the_status_that_promotion_waits_for(
    forge: str, url: str, header: str, path: str, failed: str
) -> None:
    """Argo CD's notifications set it by the forge's own API, under the name that is waited for."""
    told = argocd(entry("shop"), forge=FORGES[forge])
    found = objects(told)
    data = found["deploy/argocd-notifications.yaml: ConfigMap argocd-notifications-cm"]["data"]
    annotations = found[RELEASE]["metadata"]["annotations"]
    server = yaml.safe_load(data["service.webhook.scaffold-status"])
    assert url == server["url"]
    assert header == f"{server['headers'][0]['name']}: {server['headers'][0]['value']}"
    assert (path, "deploy/dev") == (
        annotations["scaffold/statuses"],
        annotations["scaffold/status"],
    )
    for name, state in (("scaffold-deployed", "success"), ("scaffold-failed", failed)):
        assert "" == annotations[f"notifications.argoproj.io/subscribe.{name}.scaffold-status"]
        call = yaml.safe_load(data[f"template.{name}"])["webhook"]["scaffold-status"]
        assert (
            '/{{index .app.metadata.annotations "scaffold/statuses"}}'
            "/{{.app.status.operationState.operation.sync.revision}}"
        ) == call["path"]
        rendered = call["body"].replace(
            '{{index .app.metadata.annotations "scaffold/status"}}', "deploy/dev"
        )
        assert (state, "deploy/dev") == (
            json.loads(rendered)["state"], json.loads(rendered)["context"],
        )  # fmt: skip


def test_a_catalog_entry_that_is_not_valid_stops_it() -> None:
    """A project that lost one of its services would leave it without its objects."""
    told = {"platform.yml": settings("argocd"), "services/shop.yml": entry("shop")}
    tree = {path: Entry.file(yaml.safe_dump(item).encode()) for path, item in told.items()}
    tree["services/cart.yml"] = Entry.file(b"name: [\n")
    with pytest.raises(ConfigError, match="cart"):
        with_service(tree, "shop")


def test_what_holds_data_is_kept_from_argo_cd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By patches, which kustomize puts on claims and on what is annotated, and on nothing else."""
    need_programs(monkeypatch, "kustomize")
    patches = one(RELEASE)["spec"]["source"]["kustomize"]["patches"]
    kept = annotations_of_kept(tmp_path, patches, KEEP)
    expected = "Prune=false,Delete=false"
    assert {"files": expected, "held": expected, "free": None} == kept
