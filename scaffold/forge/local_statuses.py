"""Commit statuses of the local forge: git notes under `refs/notes/scaffold-status`, in YAML."""

from collections.abc import Mapping
from pathlib import Path

import pygit2
import yaml

from scaffold.errors import ForgeError
from scaffold.forge import StatusState
from scaffold.git import transport
from scaffold.git.tree import open_repo

_NOTES = "refs/notes/scaffold-status"


def read_statuses(folder: Path, commit: str) -> Mapping[str, StatusState]:
    """The statuses of a commit, by name."""
    try:
        note = open_repo(folder).lookup_note(commit, _NOTES)
    except KeyError:
        return {}
    told = yaml.safe_load(note.message) or {}
    return {name: StatusState(state) for name, state in told.items()}


def write_status(folder: Path, commit: str, name: str, state: StatusState) -> None:
    """Set one status beside those that the commit has. Raises ForgeError."""
    store = open_repo(folder)
    if commit not in store:
        raise ForgeError(f"has no commit {commit}", where=str(folder))
    told = {**read_statuses(folder, commit), name: state}
    text = yaml.safe_dump({key: value.value for key, value in sorted(told.items())})
    who = transport.identity()
    signature = pygit2.Signature(who.name, who.email)
    store.create_note(text, signature, signature, commit, _NOTES, force=True)
