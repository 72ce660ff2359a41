"""The Indexed Job for an upgrade that the docs give, on a cluster, on whose nodes no image runs."""

import json
from pathlib import Path
from typing import Any

from tests.engine.flux import Flux
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, FleetOf

JOB = Path(__file__).parents[2] / "docs/deploy/upgrade-job.yaml"
NAMESPACE = "upgrades"
SERVICES = ("alpha", "beta", "gamma")
_INDEX = "batch.kubernetes.io/job-completion-index"


def environment(pod: dict[str, Any]) -> dict[str, str]:
    """What the kubelet would give the container of the name `upgrade`."""
    (container,) = pod["spec"]["containers"]
    found = {}
    for one in container["env"]:
        if "valueFrom" in one:
            path = one["valueFrom"]["fieldRef"]["fieldPath"]
            assert path in {f"metadata.annotations['{_INDEX}']", f"metadata.labels['{_INDEX}']"}
            found[one["name"]] = pod["metadata"]["annotations"][_INDEX]
        elif one["name"] != "HOME":
            found[one["name"]] = one["value"]
    return found


def test_each_pod_of_the_job_takes_its_part(
    flux_server: Flux, tmp_path: Path, fleet_of: FleetOf
) -> None:
    """The cluster makes eight pods; what they would run, as processes here, is one upgrade."""
    kube = flux_server.kube
    kube.kubectl("create", "namespace", NAMESPACE)
    kube.kubectl("create", f"--namespace={NAMESPACE}", f"--filename={JOB}")
    kube.kubectl(
        "wait", "--for=condition=Complete", "job/scaffold-upgrade", f"--namespace={NAMESPACE}",
        "--timeout=300s",
    )  # fmt: skip
    pods = json.loads(kube.kubectl("get", "pods", f"--namespace={NAMESPACE}", "--output=json"))[
        "items"
    ]
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)
    reports = tmp_path / "reports"
    reports.mkdir()
    for pod in pods:
        command = pod["spec"]["containers"][0]["command"]
        assert ["scaffold", "upgrade"] == command[:2]
        arguments = [str(fleet.platform) if one == "/work/platform" else one for one in command[1:]]
        done = scaffold(*arguments, cwd=tmp_path, env=environment(pod))
        assert 0 == done.returncode, done.stderr
        (reports / f"{pod['metadata']['name']}.json").write_text(done.stdout)

    done = fleet.run("--merge-reports", str(reports), "--output", "json")

    assert 0 == done.returncode, done.stderr
    merged = json.loads(done.stdout)
    opened = {f"{name}-{part}": "opened" for name in SERVICES for part in ("code", "docker")}
    assert opened == {one["repo"]: one["result"] for one in merged["repos"]}
    assert 8 == len(pods)
