"""What kubectl's ApplySets do, and why `deploy` keeps an inventory of its own instead.

Not tests of scaffold: should they fail with a newer kubectl, look at docs/explanation/deploy.md.
"""

import json

import pytest

from tests.pipeline.kube import Kube
from tests.pipeline.trees import Item, claim, config_map


@pytest.fixture(autouse=True)
def _alpha(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECTL_APPLYSET", "true")


def apply_set(kube: Kube, namespace: str, *objects: Item, name: str = "shop") -> None:
    """Apply objects as one ApplySet, as `deploy` would: by force, and with prune."""
    kube.kubectl(
        "apply", "--server-side", "--force-conflicts", "--prune", f"--applyset=configmap/{name}",
        f"--namespace={namespace}", "--filename=-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}),
    )  # fmt: skip


def test_data_that_left_the_tree_is_pruned(kube: Kube, namespace: str) -> None:
    """Nothing exempts a claim for a volume."""
    apply_set(kube, namespace, config_map("one"), claim("data"))
    apply_set(kube, namespace, config_map("one"))

    assert set() == kube.names("persistentvolumeclaims", namespace)


def test_what_somebody_else_made_is_taken_over_and_pruned(kube: Kube, namespace: str) -> None:
    """By hand or by another ApplySet."""
    kube.kubectl("create", "configmap", "by-hand", f"--namespace={namespace}")
    apply_set(kube, namespace, config_map("of-another"), name="other")

    apply_set(kube, namespace, *map(config_map, ("one", "by-hand", "of-another")))
    apply_set(kube, namespace, config_map("one"))

    assert {"one", "shop", "other"} == kube.names("configmaps", namespace)


def test_nothing_can_be_left_of_it(kube: Kube, namespace: str) -> None:
    """To apply no objects is an error, so what is retired stays."""
    apply_set(kube, namespace, config_map("one"))

    with pytest.raises(AssertionError, match="no objects passed to apply"):
        apply_set(kube, namespace)
    assert {"one", "shop"} == kube.names("configmaps", namespace)
