"""A cluster on loopback that lacks nothing but machines.

Kubernetes' own controllers and scheduler run beside the API server. The one fake are the nodes:
kwok says of each pod on them that it is ready, and runs no image.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.pipeline.kube import PROGRAMS as API_SERVER
from tests.pipeline.kube import SIGNING_KEY, Kube, free_ports, process, running_kube

PROGRAMS = (*API_SERVER, "kube-controller-manager", "kube-scheduler", "kwok")
_VOLUMES = 3


@contextmanager
def running_cluster(folder: Path) -> Iterator[Kube]:
    """Start a cluster with a node in `folder`, and stop it at the end."""
    with ExitStack() as stack:
        kube = stack.enter_context(running_kube(folder, disabled=()))
        (port,) = free_ports(1)
        config = f"--kubeconfig={kube.kubeconfig}"
        alone = (config, "--leader-elect=false", "--secure-port=0")
        for name, arguments in (
            (
                "kube-controller-manager",
                (
                    *alone,
                    f"--service-account-private-key-file={folder / SIGNING_KEY}",
                    f"--root-ca-file={folder}/certs/apiserver.crt",
                    # On a busy machine kwok is late, and would not make pods ready a second time.
                    "--node-monitor-grace-period=1h",
                ),
            ),
            ("kube-scheduler", alone),
            ("kwok", (config, "--manage-all-nodes", f"--server-address=127.0.0.1:{port}")),
        ):
            home = {"HOME": str(folder)}  # where kwok would look for settings of the user's
            stack.enter_context(process(folder, name, *arguments, env=home))
        for one in (_node(), _storage_class(), *map(_volume, range(_VOLUMES))):
            kube.create(json.dumps(one))
        kube.kubectl("wait", "--for=condition=Ready", "node/node", "--timeout=300s")
        yield kube


def _node() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}


def _storage_class() -> dict[str, Any]:
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": default},
        "provisioner": "kubernetes.io/no-provisioner",
    }


def _volume(number: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"volume-{number}"},
        "spec": {
            "storageClassName": "standard",
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": f"/data/{number}"},
        },
    }
