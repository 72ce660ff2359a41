"""What there is to ask in one environment, by its env repo and its cluster, and the asking."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold.checks import kustomize
from scaffold.config.smokefile import BUDGET
from scaffold.errors import DeployError
from scaffold.pipeline.asking.declared import (
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
from scaffold.pipeline.target import Target

_WORKLOADS = frozenset({("apps", kind) for kind in ("DaemonSet", "Deployment", "StatefulSet")})
_SERVICE = ("", "Service")


@dataclass(frozen=True)
class Found:
    """What an environment has, and what is asked there."""

    cluster: Cluster
    workloads: tuple[Key, ...]
    checks: tuple[Check, ...]
    budget: float | None  # seconds, as declared
    not_asked: tuple[Key, ...]  # Services without a readiness path over HTTP

    def ask(self, seconds: float = BUDGET) -> tuple[Outcome, ...]:
        """Ask all checks, within what is declared, or `seconds`. Raises DeployError."""
        if not self.checks:
            return ()
        namespaces = [check.probe.service.namespace for check in self.checks]
        with self.cluster.services(namespaces) as place:

            def ask(check: Check, limit: float) -> Answer:
                return get(place, check.probe.proxy_path, check.headers, limit)

            return run_checks(self.checks, ask, min(self.budget or seconds, seconds))


def nothing_to_ask(target: Target) -> str:
    """Why nothing is asked there, and that is no fault; empty where something is released."""
    if not target.retired and target.release is not None:
        return ""
    why = "is retired" if target.retired else "has nothing promoted to it yet"
    return f"`{target.environment}` {why}: nothing to ask"


def find_what_to_ask(path: Path, target: Target, *, retries: int | None) -> Found | None:
    """What is declared, else the readiness paths, with so many `retries` (None: as time allows).

    None where neither is there. Raises DeployError where the release is not there, ConfigError for
    a declaration that does not fit it.
    """
    declared = read_declared(path, target.environment)
    released = _released(path, target)
    if not released and declared is None:
        return None
    cluster = Cluster(target.context, target.api_server)
    live = _deployed(cluster, released, target)
    services = {key: item for key, item in live.items() if (key.group, key.kind) == _SERVICE}
    workloads = tuple(key for key in live if (key.group, key.kind) in _WORKLOADS)
    ready = readiness(services, [live[key] for key in workloads])
    if declared:
        checks = tuple(declared_checks(declared, services, ready))
        return Found(cluster, workloads, checks, declared.file.budget, ())
    without = tuple(key for key, probe in ready.items() if probe is None)
    checks = tuple(readiness_checks(ready, retries))
    return Found(cluster, workloads, checks, None, without)


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
        if (key.group, key.kind) in {*_WORKLOADS, _SERVICE}
    ]
