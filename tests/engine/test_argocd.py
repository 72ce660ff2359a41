"""What Argo CD is told, before a real API server that knows its kinds.

Its controllers don't run here: they need Redis and a repo server beside them, and to build them
takes longer than the tests may. So nothing is synced; the server says what it would take.
"""

import json

import pytest

from tests.areas import does_not_run
from tests.fleet.engines import Item, entry, files, objects, settings
from tests.gitea import TOOLS
from tests.pipeline.kube import Kube

DEFINITIONS = TOOLS / "share/argocd"
SERVICES = (entry("shop"), entry("cart", paused=True, owner="team-b"))


@pytest.fixture(scope="module")
def argocd_kube(kube_server: Kube) -> Kube:
    """The API server, with Argo CD's definitions."""
    if not DEFINITIONS.is_dir():
        does_not_run("kube-apiserver", f"{DEFINITIONS} is not there")
    kube_server.kubectl("apply", "--server-side", f"--filename={DEFINITIONS}")
    kube_server.wait_for_kinds("applications.argoproj.io", "appprojects.argoproj.io")
    kube_server.kubectl("create", "namespace", "argocd")
    return kube_server


def would_take(kube: Kube, item: Item) -> None:
    """Apply an object as a dry run, in which no field may be unknown. Raises AssertionError."""
    kube.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-",
        stdin=json.dumps(item),
    )  # fmt: skip


def test_the_server_takes_all_that_scaffold_writes(argocd_kube: Kube) -> None:
    """Every object of two environments, two teams and two services."""
    written = objects(files(settings("argocd"), *SERVICES))
    assert {"Application", "AppProject"} <= {one["kind"] for one in written.values()}

    for item in written.values():
        would_take(argocd_kube, item)


def test_the_server_refuses_what_is_wrong(argocd_kube: Kube) -> None:
    """So the test above would tell."""
    item = next(
        one
        for one in objects(files(settings("argocd"), *SERVICES)).values()
        if one["kind"] == "Application"
    )
    item["spec"]["destinations"] = item["spec"].pop("destination")

    with pytest.raises(AssertionError, match="destination"):
        would_take(argocd_kube, item)
