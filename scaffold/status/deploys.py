"""When each environment got what it has, from whom, and what came of it."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from scaffold.chain.commits import CommitNote, note
from scaffold.chain.history import last_change
from scaffold.chain.repos import ServiceChain
from scaffold.chain.statuses import CommitStatus
from scaffold.config.engine import deploy_status
from scaffold.config.places import environment_folder
from scaffold.forge.api import StatusState

_WORDS: Mapping[StatusState | None, str] = {
    StatusState.SUCCESS: "done",
    StatusState.FAILURE: "failed",
    StatusState.PENDING: "at work",
    None: "no status",
}


@dataclass(frozen=True)
class LastDeploy:
    """The commit that changed an environment last: its release, or what its owners keep beside it.

    `state` is what CI or the engine says of bringing that to the cluster; None: nobody has said
    anything.
    """

    commit: CommitNote
    state: StatusState | None

    @property
    def word(self) -> str:
        """What came of it, for a person."""
        return _WORDS[self.state]


def last_deploys(
    chain: ServiceChain, released: Container[str], statuses: Sequence[CommitStatus], kind: str
) -> dict[str, LastDeploy]:
    """The last deploy of each environment that has a release, on a forge of that kind.

    `released` names those environments, `statuses` are the newest ones of the service.
    Raises ForgeError.
    """
    states = {(one.part, one.name): one.state for one in statuses}
    found = {}
    for edge in chain.environments:
        if edge.place in released:
            repo = chain.repo(edge.down)
            commit = last_change(repo, environment_folder(edge.place))
            names = (deploy_status(edge.place), edge.deployed)
            state = next(filter(None, (states.get((edge.down, name)) for name in names)), None)
            found[edge.place] = LastDeploy(note(commit, kind, repo.url), state)
    return found
