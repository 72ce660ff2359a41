"""Commit statuses of the local forge: git notes under `refs/notes/scaffold-status`, in YAML."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pygit2
import yaml

from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError, ForgeError
from scaffold.forge.api import StatusState
from scaffold.forge.local.lock import alone
from scaffold.git import program
from scaffold.git.disk import writing
from scaffold.git.tree import open_repo

_NOTES = "refs/notes/scaffold-status"


def read_statuses(folder: Path, commit: str) -> Mapping[str, StatusState]:
    """The statuses of a commit, by name. Raises ForgeError where somebody wrote other notes."""
    store = _opened(folder, folder.stat().st_ino)
    try:
        note = store.lookup_note(commit, _NOTES)
    except KeyError:
        return {}
    try:
        statuses = read_yaml(store[note.id].read_raw(), source=_NOTES) or {}
        return {str(name): StatusState(state) for name, state in statuses.items()}
    except (ConfigError, pygit2.GitError, KeyError, ValueError, AttributeError) as error:
        raise ForgeError(
            f"the statuses of {commit[:12]} can't be read: {error}",
            where=str(folder),
            hint=f"Remove them: git notes --ref={_NOTES} remove {commit}",
        ) from error


@lru_cache(maxsize=1)  # the commits of a repo are asked for one after the other
def _opened(folder: Path, _inode: int) -> pygit2.Repository:
    """The repo at a folder, until another one is made there."""
    return open_repo(folder)


def write_status(folder: Path, commit: str, name: str, state: StatusState) -> None:
    """Set one status beside those that the commit has. Raises ForgeError, FileError."""
    store = open_repo(folder)
    if commit not in store:
        raise ForgeError(f"has no commit {commit}", where=str(folder))
    who = program.identity()
    signature = pygit2.Signature(who.name, who.email)
    with alone(folder, "statuses"):
        statuses = {**read_statuses(folder, commit), name: state}
        text = yaml.safe_dump({key: value.value for key, value in sorted(statuses.items())})
        with writing(folder):
            store.create_note(text, signature, signature, commit, _NOTES, True)
