"""What the pipelines of an env repo need of a cluster, beyond the API server that runs here.

No kubelet and no controllers run in the tests, so this says for them that pods are up, and where.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.pipeline.kube import Kube

# As the Prometheus operator brings them; what is in them is checked by `validate`.
_CUSTOM = ("PodMonitor", "PrometheusRule", "ServiceMonitor")
_GROUP = "monitoring.coreos.com"
_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")


def prepare(kube: Kube, *namespaces: str) -> None:
    """Make the custom kinds, and the namespaces that the platform's pipeline would make."""
    for kind in _CUSTOM:
        if kube.get("crd", f"{kind.lower()}s.{_GROUP}") is None:
            kube.create(json.dumps(_definition(kind)))
            kube.wait_for_kinds(f"{kind.lower()}s.{_GROUP}")
    for name in namespaces:
        kube.kubectl("create", "namespace", name)


@contextmanager
def pods_come_up(kube: Kube, *namespaces: str) -> Iterator[None]:
    """Meanwhile, say of each Deployment that it is rolled out; Services lead to a web server."""
    stop = threading.Event()
    with _Pod() as pod:
        threads = [
            threading.Thread(target=pod.serve_forever, args=(0.01,)),
            threading.Thread(target=_report, args=(kube, namespaces, pod.server_port, stop)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            pod.shutdown()
            for thread in threads:
                thread.join()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


class _Pod(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), _Answer)  # noqa: S104 - the API server takes no loopback


def _report(kube: Kube, namespaces: tuple[str, ...], port: int, stop: threading.Event) -> None:
    led: set[tuple[str, str]] = set()
    while not stop.wait(0.5):
        for space in namespaces:
            for name in kube.names("deployments", space):
                _roll_out(kube, space, name)
            for name in kube.names("services", space):
                if (space, name) not in led:
                    _lead(kube, space, name, port)
                    led.add((space, name))


def _roll_out(kube: Kube, space: str, name: str) -> None:
    found = kube.get("deployment", name, space)
    if found is None:
        return
    status = {
        "observedGeneration": found["metadata"]["generation"],
        **dict.fromkeys(_COUNTS, found["spec"]["replicas"]),
    }
    if found.get("status") != status:
        kube.kubectl(
            "patch", "deployment", name, f"--namespace={space}", "--subresource=status",
            "--type=merge", "--patch", json.dumps({"status": status}),
        )  # fmt: skip


def _lead(kube: Kube, space: str, name: str, port: int) -> None:
    """A pod with an address of this machine, and the Service's endpoint of it."""
    address = _own_address()
    metadata = {"name": name, "namespace": space}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [{"name": "app", "image": "app:1"}]},
    }
    one = {"ip": address, "targetRef": {"kind": "Pod", **metadata}}
    subset = {"addresses": [one], "ports": [{"name": "http", "port": port}]}
    endpoints = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": metadata,
        "subsets": [subset],
    }
    status = json.dumps({"status": {"podIP": address, "podIPs": [{"ip": address}]}})
    kube.create(json.dumps(pod))
    kube.kubectl(
        "patch", "pod", name, f"--namespace={space}", "--subresource=status", "--patch", status
    )
    kube.create(json.dumps(endpoints))


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return str(probe.getsockname()[0])


def _definition(kind: str) -> dict[str, Any]:
    names = {"kind": kind, "plural": f"{kind.lower()}s", "singular": kind.lower()}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{_GROUP}"},
        "spec": {"group": _GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
    }
