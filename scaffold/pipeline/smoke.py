"""`scaffold pipeline smoke`: what was deployed is up, and answers."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold.checks import kustomize
from scaffold.errors import DeployError
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.objects import Json, Key, key_of, parse_tree
from scaffold.pipeline.deploy.probes import Probe, probe_of
from scaffold.pipeline.engine import Wait, wait_for_engine
from scaffold.pipeline.target import Target, read_target
from scaffold.process import Finished

WORKLOADS = frozenset({("apps", kind) for kind in ("DaemonSet", "Deployment", "StatefulSet")})
SERVICE = ("", "Service")
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


def smoke(path: Path, environment: str, *, timeout: float, after: Wait | None = None) -> Smoked:
    """Wait for the rollouts of an environment, then ask each Service for its readiness path.

    With `after`, an engine has to say first that it has deployed this. Raises DeployError where it
    does not, and where `timeout` seconds were not enough for the rest.
    """
    target = read_target(path, environment)
    if target.retired or target.release is None:
        why = "is retired" if target.retired else "has nothing promoted to it yet"
        return Smoked(target.service, environment, note=f"`{environment}` {why}: nothing to ask")
    if after is not None:
        wait_for_engine(path, target, after)
    released = _released(path, target)
    if not released:
        note = f"`{environment}` has no workload and no Service: nothing to ask"
        return Smoked(target.service, environment, note=note)
    cluster = Cluster(target.context)
    live = _deployed(cluster, released, target)
    deadline = time.monotonic() + timeout
    workloads = [key for key in live if (key.group, key.kind) in WORKLOADS]
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


def _deployed(cluster: Cluster, released: Sequence[Key], target: Target) -> dict[Key, Json]:
    """What was released, as it is on the cluster, whoever deployed it."""
    live = cluster.live(released)
    missing = [str(key) for key in released if key not in live]
    if not missing:
        return live
    raise DeployError(
        "a part of the release is not there" if live else "the release was not deployed there yet",
        where=f"namespace {target.namespace}",
        details=missing,
        hint="Run `scaffold pipeline deploy --environment "
        f"{target.environment}` first; where Flux or Argo CD deploys, see what that says.",
    )


def _released(path: Path, target: Target) -> list[Key]:
    """The workloads and Services of an environment: an account does that may read these alone."""
    items = parse_tree(kustomize.build(target.folder, repo=path), source=str(target.folder))
    keys = (key_of(item) for item in items)
    return [
        key if key.namespace else replace(key, namespace=target.namespace)
        for key in keys
        if (key.group, key.kind) in {*WORKLOADS, SERVICE}
    ]


def _probes(live: Mapping[Key, Json], workloads: Iterable[Key]) -> dict[Key, Probe | None]:
    items = [live[key] for key in workloads]
    services = [key for key in live if (key.group, key.kind) == SERVICE]
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
