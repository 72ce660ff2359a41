"""What Flux is told: an object for an object, and what a change of each input changes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.errors import ConfigError
from scaffold.git.tree import Tree
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
PROD = "deploy/prod/services/shop.yaml"
LABELS = {"scaffold/service": "shop", "scaffold/owner": "team-a", "scaffold/environment": "dev"}
KEEP = "kustomize.toolkit.fluxcd.io/prune"
GITREPO = {"kind": "GitRepository", "name": "shop.dev"}


def flux(*entries: Item, **more: Any) -> Tree:
    """The files of a platform with Flux."""
    return files(settings("flux", **more), *entries)


def one(kind: str, name: str, path: str = SHOP, *entries: Item) -> Item:
    """One object of the service shop."""
    return objects(flux(*(entries or (entry("shop"),))))[f"{path}: {kind} {name}"]


def metadata(name: str) -> Item:
    """Of each object of the service shop in dev."""
    return {"name": name, "namespace": "flux-system", "labels": LABELS}


def test_each_environment_and_service_has_a_file() -> None:
    """Of the environments that an engine deploys; a pipeline deploys the other."""
    expected = {
        "deploy/dev/engine.yaml", "deploy/dev/services/shop.yaml", "deploy/dev/services/cart.yaml",
        "deploy/prod/engine.yaml", "deploy/prod/services/shop.yaml",
        "deploy/prod/services/cart.yaml",
    }  # fmt: skip
    assert expected == flux(entry("shop"), entry("cart")).keys()


def test_the_release_follows_its_environment_in_the_env_repo() -> None:
    """In its namespace, by its own account, after its access, and done once all is healthy."""
    found = one("Kustomization", "shop.dev")
    patches = found["spec"].pop("patches")
    assert 2 == len(patches)
    assert {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": metadata("shop.dev"),
        "spec": {
            "interval": "10m",
            "retryInterval": "1m",
            "timeout": "5m",
            "prune": True,
            "wait": True,
            "sourceRef": GITREPO,
            "path": "./environments/dev",
            "targetNamespace": "shop-dev",
            "serviceAccountName": "shop.dev",
            "dependsOn": [{"name": "shop.dev.access"}],
        },
    } == found


def test_the_env_repo_is_read_from_main() -> None:
    """With the log-in that the platform team puts into a Secret once."""
    assert {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": metadata("shop.dev"),
        "spec": {
            "interval": "1m",
            "url": "https://git.example.com/acme/shop-env.git",
            "ref": {"branch": "main"},
            "secretRef": {"name": "scaffold-git"},
        },
    } == one("GitRepository", "shop.dev")


def test_access_comes_from_the_platform_repo() -> None:
    """Namespace, quota and roles; the namespace stays while data may be in it."""
    spec = one("Kustomization", "shop.dev.access")["spec"]
    assert "./access/dev/shop" == spec["path"]
    assert {"kind": "GitRepository", "name": "scaffold-dev"} == spec["sourceRef"]
    assert [{"kind": "Namespace"}] == [patch["target"] for patch in spec["patches"]]
    assert (True, True) == (spec["prune"], spec["wait"])


def test_the_account_is_the_services_own() -> None:
    """What it may do, the service's access says."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("shop.dev")}
    assert account == one("ServiceAccount", "shop.dev")


def test_the_status_has_the_name_that_promotion_waits_for() -> None:
    """On the commit of the env repo, by the forge's kind."""
    provider = one("Provider", "shop.dev")["spec"]
    assert {
        "type": "gitlab",
        "address": "https://git.example.com/acme/shop-env",
        "secretRef": {"name": "scaffold-status"},
        "commitStatusExpr": "'deploy/dev'",
    } == provider
    assert {
        "providerRef": {"name": "shop.dev"},
        "eventSeverity": "info",
        "eventSources": [{"kind": "Kustomization", "name": "shop.dev"}],
    } == one("Alert", "shop.dev")["spec"]


def test_the_root_reads_its_environment_from_the_platform_repo() -> None:
    """It is applied once by hand. It prunes what is no longer there; without it, all stays."""
    found = objects(flux())
    root = found["deploy/dev/engine.yaml: Kustomization scaffold-dev"]["spec"]
    source = found["deploy/dev/engine.yaml: GitRepository scaffold-dev"]["spec"]
    assert "https://git.example.com/acme/platform.git" == source["url"]
    assert ("./deploy/dev", True, False) == (root["path"], root["prune"], root["wait"])
    assert "Orphan" == root["deletionPolicy"]


def test_another_cluster_is_reached_by_a_kubeconfig() -> None:
    """Both the access and the release of `prod`, which names the Secret."""
    for name in ("shop.prod", "shop.prod.access"):
        spec = one("Kustomization", name, PROD)["spec"]
        assert {"secretRef": {"name": "eu-1"}} == spec["kubeConfig"]
    assert "kubeConfig" not in one("Kustomization", "shop.dev")["spec"]


DEV, ACCESS = f"{SHOP}: Kustomization shop.dev", f"{SHOP}: Kustomization shop.dev.access"
IN_PROD = f"{PROD}: Kustomization shop.prod"
SERVICE = {
    f"{SHOP}: {kind} shop.dev"
    for kind in ("ServiceAccount", "GitRepository", "Kustomization", "Provider", "Alert")
} | {ACCESS}
SERVICE |= {key.replace("dev", "prod") for key in SERVICE}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"paused": True}, {DEV, IN_PROD}),
        ({"delete_data": True}, {DEV, ACCESS, IN_PROD, f"{IN_PROD}.access"}),
        ({"state": "retired"}, SERVICE),
        ({"env_repo": None}, SERVICE),
        ({"owner": "team-b"}, SERVICE),  # its label
        ({"summary": "Sells"}, set()),
    ],
)  # fmt: skip
def test_what_a_change_of_the_catalog_changes(change: Item, expected: set[str]) -> None:
    """These objects of the service, and none of another."""
    before = flux(entry("shop"), entry("cart"))
    assert expected == differing(before, flux(entry("shop", **change), entry("cart")))


def test_a_pause_suspends_the_release_alone() -> None:
    """Access goes on: a right that is taken away is gone at once."""
    paused = entry("shop", paused=True)
    assert one("Kustomization", "shop.dev", SHOP, paused)["spec"]["suspend"] is True
    assert "suspend" not in one("Kustomization", "shop.dev.access", SHOP, paused)["spec"]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("namespace", "x-{service}-{environment}", {DEV, IN_PROD}),
        ("registry", "other.example.com", set()),
        ("teams", [{"name": "team-a", "groups": {"admin": ["a"]}}], set()),
    ],
)
def test_what_a_change_of_platform_yml_changes(place: str, value: Any, expected: set[str]) -> None:
    """What it is about, and nothing else."""
    assert expected == differing(flux(entry("shop")), flux(entry("shop"), **{place: value}))


@pytest.mark.parametrize(
    ("deploy", "expected"),
    [
        ({"engine": "flux", "cluster": "us-1"}, {DEV, ACCESS}),
        (
            {"engine": "pipeline"},
            {key for key in SERVICE if "/dev/" in key}
            | {f"deploy/dev/engine.yaml: {kind} scaffold-dev"
               for kind in ("GitRepository", "Kustomization")},
        ),
    ],
)  # fmt: skip
def test_what_a_change_of_an_environment_changes(deploy: Item, expected: set[str]) -> None:
    """The objects of that environment."""
    environments = [{**one, **({"deploy": deploy} if one["name"] == "dev" else {})}
                    for one in settings("flux")["environments"]]  # fmt: skip
    changed = flux(entry("shop"), environments=environments)
    assert expected == differing(flux(entry("shop")), changed)


def test_names_that_run_together_stay_apart() -> None:
    """`a` in `b-c` and `a-b` in `c`."""
    environments = [
        {"name": "b-c", "deploy": {"engine": "flux"}}, {"name": "c", "deploy": {"engine": "flux"}},
    ]  # fmt: skip
    found = objects(flux(entry("a"), entry("a-b"), environments=environments))
    names = [(item["kind"], item["metadata"]["name"]) for item in found.values()]
    assert len(names) == len(set(names))


def test_a_name_that_is_too_long() -> None:
    """Flux puts it into a label."""
    environments = [{"name": "e" * 30, "deploy": {"engine": "flux"}}]
    with pytest.raises(ValueError, match=r"has 67 characters; at most 63 fit"):
        flux(entry("s" * 29), environments=environments, namespace="{service}")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"forge": {"kind": "local", "path": "/forge"}},
            "`dev` is deployed by flux, which can.t work",
        ),
        (
            {"environments": [{"name": "a", "deploy": {"cluster": "x"}}]},
            "for a pipeline say `context`",
        ),
        (
            {"environments": [{"name": "a", "deploy": {"engine": "fluxcd"}}]},
            "should be .pipeline., .flux. or .argocd.",
        ),
    ],
)
def test_settings_that_do_not_fit(more: Item, said: str) -> None:
    """They are told as what they are."""
    text = yaml.safe_dump(settings("flux", **more))
    with pytest.raises(ConfigError, match=said):
        parse_document(Platform, text, source="platform.yml")


def test_what_holds_data_is_kept_from_flux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By patches, which kustomize puts on claims and on what is annotated, and on nothing else."""
    need_programs(monkeypatch, "kustomize")
    patches = one("Kustomization", "shop.dev")["spec"]["patches"]
    kept = annotations_of_kept(tmp_path, patches, KEEP)
    assert {"files": "disabled", "held": "disabled", "free": None} == kept
