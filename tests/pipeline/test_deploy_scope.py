"""`scaffold pipeline deploy` stays inside the namespace of its environment."""

from pathlib import Path

import pytest

from scaffold.errors import DeployError
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.kube import Kube
from tests.pipeline.trees import EnvRepo, Item, config_map, namespace_object

CLUSTER_ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "shop-all"},
    "rules": [],
}
GADGET = {
    "apiVersion": "gadgets.example.com/v1",
    "kind": "Gadget",
    "metadata": {"name": "shop"},
}


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (
            config_map("x", namespace="kube-system"),
            "ConfigMap kube-system/x: its namespace is not {namespace}",
        ),
        (namespace_object("mine"), "Namespace mine: it belongs to the whole cluster"),
        (
            CLUSTER_ROLE,
            "ClusterRole.rbac.authorization.k8s.io shop-all: it belongs to the whole cluster",
        ),
        (
            GADGET,
            (
                "Gadget.gadgets.example.com shop: this cluster has no such kind "
                "in gadgets.example.com/v1: have its CRD installed, or leave it out"
            ),
        ),
        (
            config_map("scaffold-inventory-pay"),
            (
                "ConfigMap {namespace}/scaffold-inventory-pay: "
                "scaffold keeps an inventory under names like this"
            ),
        ),
    ],
    ids=["other-namespace", "namespace", "cluster-role", "unknown-kind", "inventory"],
)
def test_what_must_not_be_deployed(kube: Kube, env_repo: EnvRepo, item: Item, problem: str) -> None:
    """The whole tree must be refused, with nothing of it applied."""
    env_repo.write(config_map("settings"), item, anywhere=True)

    with pytest.raises(DeployError, match="must not be deployed from here") as caught:
        deploy(env_repo.path, "dev")

    assert (problem.format(namespace=env_repo.namespace),) == caught.value.details
    assert set() == kube.names("configmap", env_repo.namespace)


def test_an_object_without_a_namespace(kube: Kube, env_repo: EnvRepo) -> None:
    """It must end up in the environment's namespace, not in the kubeconfig's."""
    env_repo.write(config_map("settings"), anywhere=True)

    deploy(env_repo.path, "dev")

    assert "settings" in kube.names("configmap", env_repo.namespace)
    assert "settings" not in kube.names("configmap", "default")


def test_two_environments_in_one_namespace(kube: Kube, env_repo: EnvRepo) -> None:
    """They would prune each other's objects, so the second one must be refused."""
    env_repo.write(config_map("settings"))
    deploy(env_repo.path, "dev")
    staging = EnvRepo(env_repo.path.parent / "staging", env_repo.namespace)
    staging.describe(environment="staging")
    staging.release()
    staging.write(config_map("settings"), config_map("other"))
    Path(staging.path / "environments/dev").rename(staging.path / "environments/staging")

    with pytest.raises(DeployError, match="holds what environment `dev` of `shop` deployed"):
        deploy(staging.path, "staging")

    assert "other" not in kube.names("configmap", env_repo.namespace)


def test_an_inventory_of_a_newer_scaffold(kube: Kube, env_repo: EnvRepo) -> None:
    """An inventory that can't be read must not be taken for an empty one."""
    env_repo.write(config_map("settings"))
    deploy(env_repo.path, "dev")
    name, space = "scaffold-inventory-shop", f"--namespace={env_repo.namespace}"
    kube.kubectl("patch", "configmap", name, space, "--patch", '{"data": {"format": "2"}}')

    with pytest.raises(DeployError, match="can't be read: its format is '2', this one knows 1"):
        deploy(env_repo.path, "dev")
