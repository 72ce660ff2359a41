"""Small hand-written trees, and the repos that hold them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from scaffold.chain.pins import Upstream
from scaffold.chain.release import Release, empty_release, write_release

Item = dict[str, Any]


def config_map(name: str, text: str = "one", **metadata: Any) -> Item:
    """A ConfigMap that holds one text."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": {"text": text},
    }


def claim(name: str) -> Item:
    """A claim for a volume: what a prune must keep."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


def deployment(name: str, **container: Any) -> Item:
    """A Deployment with one container and no `replicas`, as an autoscaler sets them."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": "app:1", **container}]},
            },
        },
    }


def service(name: str, **spec: Any) -> Item:
    """A Service in front of the Deployment of that name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80}], **spec},
    }


def namespace_object(name: str, **labels: str) -> Item:
    """A Namespace."""
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def write_overlay(folder: Path, *items: Item, namespace: str = "") -> None:
    """A kustomize overlay of these objects."""
    folder.mkdir(parents=True, exist_ok=True)
    top: Item = {"resources": ["all.yaml"] if items else []}
    if namespace:
        top["namespace"] = namespace
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(top), encoding="utf-8")
    (folder / "all.yaml").write_text(yaml.safe_dump_all(items), encoding="utf-8")


class EnvRepo:
    """An env repo with one environment, `dev`."""

    def __init__(self, path: Path, namespace: str, *, service: str = "shop") -> None:
        self.path = path
        self.namespace = namespace
        self.folder = path / "environments" / "dev"
        (self.folder / "release").mkdir(parents=True)
        self.describe(service=service)
        self.write()
        self.unrelease()

    def describe(
        self, *, service: str = "shop", environment: str = "dev", context: str = ""
    ) -> None:
        """Write `.scaffold.yml`."""
        about = {
            "service": service,
            "owner": "team-a",
            "repo": "env",
            "kubernetes": "1.34",
            "environments": {environment: {"namespace": self.namespace, "context": context}},
        }
        (self.path / ".scaffold.yml").write_text(yaml.safe_dump(about), encoding="utf-8")

    def write(self, *items: Item, anywhere: bool = False) -> None:
        """Make these objects the environment's tree; `anywhere` leaves their namespaces."""
        write_overlay(self.folder, *items, namespace="" if anywhere else self.namespace)

    def release(self) -> None:
        """Write a pin as if something was promoted; the tree does not include it."""
        source = Upstream("manifest", "https://git.example.com/shop.git", "a" * 40)
        self._released(write_release(Release((source,), "shop:1", "kustomize v5.7.1"), ""))

    def unrelease(self) -> None:
        """Write the pin of an environment that nothing was promoted to."""
        self._released(empty_release())

    def _released(self, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            (self.folder / "release" / name).write_bytes(data)

    def retire(self, text: str = "") -> None:
        """Empty the environment under a retire marker, as `scaffold retire` does."""
        self.unrelease()
        self.write()
        (self.folder / "retire.yml").write_text(text, encoding="utf-8")
