"""Flux on a cluster of the tests: its source-controller and its kustomize-controller."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gitea import TOOLS
from tests.pipeline.kube import Kube, free_ports, process

PROGRAMS = ("source-controller", "kustomize-controller")
SYSTEM = "flux-system"
_KINDS = ("gitrepositories.source.toolkit.fluxcd.io", "kustomizations.kustomize.toolkit.fluxcd.io")


@dataclass(frozen=True)
class Flux:
    """The controllers, and what tests ask of them."""

    kube: Kube
    folder: Path

    def apply(self, objects: Iterable[dict[str, Any]]) -> None:
        """Say what there is to be reconciled, whatever was said before for another platform."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self.kube.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", stdin=text)

    def reconcile(self, name: str, *, commit: str) -> None:
        """Have a commit fetched at once, and wait until it is applied and all is healthy.

        What `flux reconcile kustomization --with-source` does; both have the same name.
        """
        revision = f"main@sha1:{commit}"
        for kind, path in (
            ("gitrepository", "{.status.artifact.revision}"),
            ("kustomization", "{.status.lastAppliedRevision}"),
        ):
            self._ask(kind, name)
            self.wait(kind, name, path, revision)

    def wait(self, kind: str, name: str, path: str, value: str) -> None:
        """Wait for a field of a status. Raises AssertionError, with the whole status."""
        try:
            self.kube.kubectl(
                "wait", f"--for=jsonpath={path}={value}", f"{kind}/{name}",
                f"--namespace={SYSTEM}", "--timeout=500s",
            )  # fmt: skip
        except AssertionError as error:
            found = self.kube.get(kind, name, SYSTEM) or {}
            raise AssertionError(json.dumps(found.get("status"), indent=1)) from error

    def wait_until_gone(self, kind: str, name: str) -> None:
        """Wait until one of its objects is deleted, and its finalizer is done."""
        self.kube.kubectl(
            "wait", "--for=delete", f"{kind}/{name}", f"--namespace={SYSTEM}", "--timeout=500s"
        )

    def delete(self, kind: str, name: str) -> None:
        """Delete one of its objects, and wait until its finalizer is done."""
        self.kube.kubectl("delete", kind, name, f"--namespace={SYSTEM}", "--timeout=500s")

    def _ask(self, kind: str, name: str) -> None:
        self.kube.kubectl(
            "annotate", kind, name, f"--namespace={SYSTEM}", "--overwrite",
            f"reconcile.fluxcd.io/requestedAt={time.time_ns()}",
        )  # fmt: skip


@contextmanager
def running_flux(folder: Path, kube: Kube) -> Iterator[Flux]:
    """Start the controllers in `folder`, and stop them at the end."""
    kube.kubectl("apply", "--server-side", "--recursive", f"--filename={TOOLS}/share/flux")
    kube.wait_for_kinds(*_KINDS)
    kube.kubectl("create", "namespace", SYSTEM)
    environment = {
        "KUBECONFIG": str(kube.kubeconfig),
        "RUNTIME_NAMESPACE": SYSTEM,
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
    storage, *health = free_ports(3)
    artifacts = (
        f"--storage-path={folder}/artifacts",
        f"--storage-addr=127.0.0.1:{storage}",
        f"--storage-adv-addr=127.0.0.1:{storage}",
    )
    (folder / "artifacts").mkdir()
    with ExitStack() as stack:
        for name, port, more in zip(PROGRAMS, health, (artifacts, ()), strict=True):
            stack.enter_context(
                process(
                    folder,
                    name,
                    *more,
                    f"--health-addr=127.0.0.1:{port}",
                    "--metrics-addr=0",
                    "--watch-all-namespaces",
                    env=environment,
                )
            )
        yield Flux(kube, folder)
