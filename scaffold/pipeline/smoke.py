"""`scaffold pipeline smoke`: what was deployed is up, and answers as it should."""

import time
from dataclasses import dataclass
from pathlib import Path

from scaffold.pipeline.asking.declared import read_declared
from scaffold.pipeline.asking.environment import find_what_to_ask, nothing_to_ask
from scaffold.pipeline.asking.rounds import Outcome
from scaffold.pipeline.deploy.objects import Key
from scaffold.pipeline.engine import Wait, wait_for_engine
from scaffold.pipeline.target import read_target


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
    if why := nothing_to_ask(target):
        return Smoked(target.service, environment, note=why)
    read_declared(path, environment)  # or an engine would be waited for in vain
    if after is not None:
        wait_for_engine(path, target, after)
    found = find_what_to_ask(path, target, retries=None)
    if found is None:
        note = f"`{environment}` has no workload and no Service: nothing to ask"
        return Smoked(target.service, environment, note=note)
    deadline = time.monotonic() + timeout
    for key in found.workloads:
        found.cluster.rollout(key, timeout=_left(deadline))
    outcomes = found.ask(_left(deadline))
    return Smoked(target.service, environment, found.workloads, outcomes, found.not_asked)


def _left(deadline: float) -> float:
    return max(1.0, deadline - time.monotonic())
