"""The statuses of a commit on GitHub: those that were posted, and the check runs of Actions."""

from collections.abc import Iterator, Mapping

from github.GithubException import GithubException

from scaffold.forge.api import StatusState
from scaffold.forge.github.client import INVALID, NOT_FOUND, GithubApi
from scaffold.forge.rest import Call

_READ = (
    "a token with the scope repo, of a user who sees the repo, or one of an app; to a fine-grained"
    " token GitHub shows no check runs"
)
_WRITE = "a token with the scope repo, of a user who may push to the repo"
_STATES = {
    "pending": StatusState.PENDING,
    "success": StatusState.SUCCESS,
    "failure": StatusState.FAILURE,
    "error": StatusState.FAILURE,
}
_CONCLUSIONS = {"success": StatusState.SUCCESS, "neutral": StatusState.SUCCESS}
_NOT_RUN = "skipped"  # also a job whose `needs` failed, so it is no success
_COMPLETED = "completed"
_NEVER = "9999"  # sorts after all times

_Told = tuple[str, str, StatusState]
"""When, of which name, how."""


def read_statuses(api: GithubApi, repo: str, commit: str) -> Mapping[str, StatusState]:
    """See Forge. Of a status and a check run of one name the newer counts. Raises ForgeError."""
    path = f"{api.path(repo)}/commits/{commit}"
    with api.asking(Call(f"read the statuses of `{repo}`", _READ)):
        try:
            told = [*_posted(api, path), *_check_runs(api, path)]
        except GithubException as error:
            if error.status in {NOT_FOUND, INVALID}:  # it knows no such commit
                return {}
            raise
    return {name: state for _, name, state in sorted(told, key=lambda one: one[0])}


def _posted(api: GithubApi, path: str) -> Iterator[_Told]:
    # The newest comes first, and a sort keeps the order of what is of the same second.
    for one in reversed(list(api.pages(f"{path}/statuses"))):
        yield one["updated_at"], one["context"], _STATES[one["state"]]


def _check_runs(api: GithubApi, path: str) -> Iterator[_Told]:
    """The newest runs of each suite; one that was skipped says nothing."""
    runs = api.pages(f"{path}/check-runs", "check_runs", filter="latest")
    for one in sorted(runs, key=lambda one: int(one["id"])):
        if one["status"] != _COMPLETED:
            yield one["started_at"] or _NEVER, one["name"], StatusState.PENDING
        elif one["conclusion"] != _NOT_RUN:
            state = _CONCLUSIONS.get(one["conclusion"], StatusState.FAILURE)
            yield one["completed_at"], one["name"], state


def write_status(api: GithubApi, repo: str, commit: str, name: str, state: StatusState) -> None:
    """Set a status, unless it is so already. Raises ForgeError."""
    if read_statuses(api, repo, commit).get(name) is state:
        return
    with api.asking(Call(f"set a status of `{repo}`", _WRITE)):
        told = {"context": name, "state": str(state)}
        api.send("POST", f"{api.path(repo)}/statuses/{commit}", told)
