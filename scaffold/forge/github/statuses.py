"""The statuses of a commit on GitHub: those that were posted, and the check runs of Actions."""

from collections.abc import Iterator, Mapping

from scaffold.forge.api import StatusState
from scaffold.forge.github.client import GithubApi
from scaffold.forge.rest import INVALID, NOT_FOUND, Call

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
_NO_SUCH_COMMIT = (NOT_FOUND, INVALID)

_Entry = tuple[str, str, StatusState]
"""When, of which name, how."""


def read_statuses(api: GithubApi, repo: str, commit: str) -> Mapping[str, StatusState]:
    """See Forge. Of a status and a check run of one name the newer counts. Raises ForgeError."""
    path = f"{api.path(repo)}/commits/{commit}"
    call = Call(f"read the statuses of `{repo}`", _READ)
    entries = [*_posted(api, path, call), *_check_runs(api, path, call)]
    return {name: state for _, name, state in sorted(entries, key=lambda entry: entry[0])}


def _posted(api: GithubApi, path: str, call: Call) -> Iterator[_Entry]:
    # The newest comes first, and a sort keeps the order of what is of the same second.
    for status in reversed(list(api.pages(f"{path}/statuses", call, fine=_NO_SUCH_COMMIT))):
        yield status["updated_at"], status["context"], _STATES[status["state"]]


def _check_runs(api: GithubApi, path: str, call: Call) -> Iterator[_Entry]:
    """The newest runs of each suite; one that was skipped says nothing."""
    query = {"filter": "latest"}
    path = f"{path}/check-runs"
    runs = api.pages(path, call, query, items="check_runs", fine=_NO_SUCH_COMMIT)
    for run in sorted(runs, key=lambda run: int(run["id"])):
        if run["status"] != _COMPLETED:
            yield run["started_at"] or _NEVER, run["name"], StatusState.PENDING
        elif run["conclusion"] != _NOT_RUN:
            state = _CONCLUSIONS.get(run["conclusion"], StatusState.FAILURE)
            yield run["completed_at"], run["name"], state


def write_status(api: GithubApi, repo: str, commit: str, name: str, state: StatusState) -> None:
    """Set a status, unless it is so already. Raises ForgeError."""
    if read_statuses(api, repo, commit).get(name) is state:
        return
    body = {"context": name, "state": str(state)}
    call = Call(f"set a status of `{repo}`", _WRITE)
    api.send("POST", f"{api.path(repo)}/statuses/{commit}", call, json=body)
