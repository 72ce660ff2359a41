"""What CI and engines say of what a service has now, whether or not a pin waits for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pygit2

from scaffold.chain.decide import Statuses
from scaffold.chain.history import since_last_change
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.engine import deploy_status, probe_status
from scaffold.config.places import environment_folder
from scaffold.forge.api import StatusState

_VALIDATE = "validate"


@dataclass(frozen=True)
class CommitStatus:
    """A status at the newest commit that has it; `state` is None where none of them has it yet."""

    service: str
    part: str
    repo: str
    name: str
    commit: str
    state: StatusState | None

    @property
    def is_red(self) -> bool:
        """Whether it failed."""
        return self.state is StatusState.FAILURE

    @property
    def told(self) -> str:
        """What it is the status of, in words."""
        return f"the status `{self.name}` of {self.repo} {self.commit[:12]}"


def newest_statuses(chain: ServiceChain, statuses: Statuses) -> tuple[CommitStatus, ...]:
    """The statuses of a service's repos, in the order of the chain. Raises ForgeError.

    Of probes only those that there are: nobody has to run them.
    """
    known: dict[tuple[str, str], CommitStatus] = {}
    statuses = cache(statuses)
    for part, name, commits in _looked_for(chain):
        repo = chain.repo(part)
        if (part, name) not in known:
            known[part, name] = _newest(chain.service.name, repo, name, commits, statuses)
    probes = {probe_status(edge.place) for edge in chain.environments}
    return tuple(one for one in known.values() if one.state or one.name not in probes)


def _looked_for(chain: ServiceChain) -> Iterator[tuple[str, str, Sequence[pygit2.Commit]]]:
    """Which status is looked for in which repo, and at which commits, newest first."""
    for edge in chain.edges:
        yield edge.up, edge.status, _head(chain.repo(edge.up))
        if edge.environment is None:
            continue
        repo = chain.repo(edge.down)
        yield edge.down, _VALIDATE, _head(repo)
        since = since_last_change(repo.first_parents(), environment_folder(edge.place))
        # CI runs at the last commit of each push alone, and may leave out what did not change.
        commits = list(dict.fromkeys([*since[:2], since[-1]]))
        names = (deploy_status(edge.place), edge.works, probe_status(edge.place))
        for name in dict.fromkeys(names):
            yield edge.down, name, commits


def _head(repo: ChainRepo) -> list[pygit2.Commit]:
    return [next(repo.first_parents())]


def _newest(
    service: str,
    repo: ChainRepo,
    name: str,
    commits: Sequence[pygit2.Commit],
    statuses: Statuses,
) -> CommitStatus:
    for commit in commits:
        state = statuses(repo.name, str(commit.id)).get(name)
        if state is not None:
            return CommitStatus(service, repo.part, repo.name, name, str(commit.id), state)
    return CommitStatus(service, repo.part, repo.name, name, str(commits[0].id), None)
