"""`scaffold pipeline smoke`: what was deployed is up, and answers."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold.checks import kustomize
from scaffold.errors import DeployError
from scaffold.pipeline.asking.declared import (
    Declared,
    declared_checks,
    read_declared,
    readiness,
    readiness_checks,
)
from scaffold.pipeline.asking.expected import Answer
from scaffold.pipeline.asking.http import get
from scaffold.pipeline.asking.rounds import Check, Outcome, run_checks
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.objects import Json, Key, key_of, parse_tree
from scaffold.pipeline.engine import Wait, wait_for_engine
from scaffold.pipeline.target import Target, read_target

WORKLOADS = frozenset({("apps", kind) for kind in ("DaemonSet", "Deployment", "StatefulSet")})
SERVICE = ("", "Service")


@dataclass(frozen=True)
class Smoked:
    """What was looked at: the workloads that rolled out, the checks and what became of them."""

    service: str
    environment: str
    rolled_out: tuple[Key, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    not_asked: tuple[Key, ...] = ()  # Services without a readiness path over HTTP
    note: str = ""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The checks that came out wrong."""
        return tuple(one for one in self.outcomes if not one.ok)


def smoke(path: Path, environment: str, *, timeout: float, after: Wait | None = None) -> Smoked:
    """Wait for the rollouts of an environment, then ask what is declared for it.

    Without a declaration each Service is asked for its readiness path. With `after`, an engine has
    to say first that it has deployed this. Raises DeployError where it does not, and where it is
    not there or not rolled out after `timeout` seconds, ConfigError for a declaration that can't
    be asked.
    """
    target = read_target(path, environment)
    declared = read_declared(path, environment)
    if why := nothing_to_ask(target):
        return Smoked(target.service, environment, note=why)
    if after is not None:
        wait_for_engine(path, target, after)
    released = _released(path, target)
    if not released and declared is None:
        note = f"`{environment}` has no workload and no Service: nothing to ask"
        return Smoked(target.service, environment, note=note)
    cluster = Cluster(target.context)
    live = _deployed(cluster, released, target)
    asked = _what_to_ask(declared, live, retries=None)
    deadline = time.monotonic() + timeout
    workloads = _workloads(live)
    for key in workloads:
        cluster.rollout(key, timeout=_left(deadline))
    budget = min(_left(deadline), declared.file.budget) if declared else _left(deadline)
    outcomes = _ask_all(cluster, asked.checks, budget)
    return Smoked(target.service, environment, tuple(workloads), outcomes, asked.without)


def nothing_to_ask(target: Target) -> str:
    """Why nothing is asked there, and that is no fault; empty where something is released."""
    if not target.retired and target.release is not None:
        return ""
    why = "is retired" if target.retired else "has nothing promoted to it yet"
    return f"`{target.environment}` {why}: nothing to ask"


@dataclass(frozen=True)
class _Asked:
    """The checks, and the Services that no check could be made for."""

    checks: Sequence[Check]
    without: tuple[Key, ...] = ()


def _what_to_ask(
    declared: Declared | None, live: Mapping[Key, Json], retries: int | None
) -> _Asked:
    """What is asked; `retries` is for the readiness paths. Raises ConfigError."""
    services = {key: item for key, item in live.items() if (key.group, key.kind) == SERVICE}
    ready = readiness(services, [live[key] for key in _workloads(live)])
    if declared:
        return _Asked(declared_checks(declared, services, ready))
    without = tuple(key for key, probe in ready.items() if probe is None)
    return _Asked(readiness_checks(ready, retries), without)


def _workloads(live: Mapping[Key, Json]) -> list[Key]:
    return [key for key in live if (key.group, key.kind) in WORKLOADS]


def _ask_all(cluster: Cluster, checks: Sequence[Check], budget: float) -> tuple[Outcome, ...]:
    if not checks:
        return ()
    with cluster.services(check.probe.service.namespace for check in checks) as place:

        def ask(check: Check, limit: float) -> Answer:
            return get(place, check.probe.proxy_path, check.headers, limit)

        return run_checks(checks, ask, budget)


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


def _left(deadline: float) -> float:
    return max(1.0, deadline - time.monotonic())
