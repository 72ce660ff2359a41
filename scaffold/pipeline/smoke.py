"""`scaffold pipeline smoke`: what was deployed is up, and answers."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import DeployError
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.inventory import deploy_place
from scaffold.pipeline.deploy.objects import Json, Key
from scaffold.pipeline.deploy.probes import Probe, probe_of
from scaffold.pipeline.target import Target, read_target
from scaffold.process import Finished

WORKLOADS = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
_PAUSE = 2.0


@dataclass(frozen=True)
class Smoked:
    """What was looked at: the workloads that rolled out, the paths that answered."""

    service: str
    environment: str
    rolled_out: tuple[Key, ...] = ()
    answered: tuple[Probe, ...] = ()
    not_asked: tuple[Key, ...] = ()  # Services without a readiness path over HTTP
    note: str = ""


def smoke(path: Path, environment: str, *, timeout: float) -> Smoked:
    """Wait for the rollouts of an environment, then ask each Service for its readiness path.

    Raises DeployError where `timeout` seconds were not enough for all of it.
    """
    target = read_target(path, environment)
    if target.retired or target.release is None:
        why = "is retired" if target.retired else "has nothing promoted to it yet"
        return Smoked(target.service, environment, note=f"`{environment}` {why}: nothing to ask")
    cluster = Cluster(target.context)
    live = _deployed(cluster, target)
    deadline = time.monotonic() + timeout
    workloads = [key for key in live if key.group == "apps" and key.kind in WORKLOADS]
    for key in workloads:
        cluster.rollout(key, timeout=_left(deadline))
    probes = _probes(live, workloads)
    asked = [probe for probe in probes.values() if probe]
    for probe in asked:
        _ask(cluster, probe, deadline)
    return Smoked(
        target.service,
        environment,
        tuple(workloads),
        tuple(asked),
        tuple(key for key, probe in probes.items() if probe is None),
    )


def _deployed(cluster: Cluster, target: Target) -> dict[Key, Json]:
    place = deploy_place(target.service, target.environment, target.namespace)
    entries = cluster.read(place).entries
    live = cluster.live(entry.key for entry in entries)
    missing = [str(entry.key) for entry in entries if entry.key not in live]
    if entries and not missing:
        return live
    raise DeployError(
        "a part of what was deployed is gone" if entries else "nothing was deployed there yet",
        where=f"namespace {target.namespace}",
        details=missing,
        hint=f"Run `scaffold pipeline deploy --environment {target.environment}` first.",
    )


def _probes(live: Mapping[Key, Json], workloads: Iterable[Key]) -> dict[Key, Probe | None]:
    items = [live[key] for key in workloads]
    services = [key for key in live if (key.group, key.kind) == ("", "Service")]
    return {key: probe_of(live[key], items) for key in services}


def _ask(cluster: Cluster, probe: Probe, deadline: float) -> None:
    """GET until it answers: the endpoints of a new pod may lag behind its readiness."""
    while True:
        done = cluster.get_through_service(probe.proxy_path)
        if done.status == 0:
            return
        if time.monotonic() + _PAUSE > deadline:
            raise _no_answer(probe, done)
        time.sleep(_PAUSE)


def _no_answer(probe: Probe, done: Finished) -> DeployError:
    return DeployError(
        f"{probe.service} does not answer {probe.path} on port {probe.port}",
        details=done.last_lines,
        hint="The pods' logs tell why; to go back, revert the last release's commit.",
    )


def _left(deadline: float) -> float:
    return max(1.0, deadline - time.monotonic())
