"""`scaffold blueprint new`: a blueprint that works as it is made, to be changed bit by bit."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffold.authoring.first_snapshots import SNAPSHOT_FILE, first_snapshots
from scaffold.authoring.skeletons import make_skeleton
from scaffold.authoring.wanted_repos import Skeleton, WantedRepo
from scaffold.config.names import problem_with_label
from scaffold.documents.schemas import published_schemas
from scaffold.errors import UsageError, not_written
from scaffold.git import program
from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry, Tree

SCHEMA_FILE = ".schema/blueprint.json"


@dataclass(frozen=True)
class Wanted:
    """What the blueprint is to be: `ci_image` is what its own pipeline runs in."""

    name: str
    skeleton: Skeleton
    repos: Sequence[WantedRepo]
    ci_image: str


def check_new(name: str, folder: Path) -> None:
    """What can be known before anybody is asked anything.

    Raises UsageError where the name is not one, or something is in the folder; IdentityError where
    git does not know who commits.
    """
    if problem := problem_with_label(name):
        raise UsageError(f"the blueprint's name `{name}` {problem}", hint="Choose another name.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("is there already", where=str(folder), hint="Name another folder.")
    program.identity()


def make_blueprint(wanted: Wanted, folder: Path, *, origin: str | None) -> None:
    """Make a blueprint in `folder`, as a git repo with one commit; a new one appears in one step.

    `check_new` has looked at the folder, and `origin` is the URL that it will be pushed to.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as staging:
            made = Path(staging) / folder.name
            made.mkdir()
            write_folder(_files(wanted), made)
            commit_all(made, f"Start the blueprint {wanted.name}", origin=origin)
            _add_snapshots(made)
            _move(made, folder)
    except OSError as error:
        raise not_written(error, folder) from error


def _add_snapshots(made: Path) -> None:
    """Add them to the commit; what the user's git ignores is rendered only once it is committed."""
    (made / SNAPSHOT_FILE).parent.mkdir()
    (made / SNAPSHOT_FILE).write_bytes(first_snapshots(made))
    program.git("add", "--force", SNAPSHOT_FILE, cwd=made)
    program.git("commit", "--quiet", "--amend", "--no-edit", cwd=made)


def _files(wanted: Wanted) -> Tree:
    tree = make_skeleton(wanted.name, wanted.ci_image, wanted.skeleton, wanted.repos)
    return {**tree, SCHEMA_FILE: Entry.file(schema_file())}


def _move(made: Path, folder: Path) -> None:
    """Give it its place in one step; a folder that is there stays: somebody may be in it."""
    if not folder.exists():
        made.rename(folder)
        return
    for one in made.iterdir():
        one.rename(folder / one.name)


def commit_all(folder: Path, message: str, *, origin: str | None) -> None:
    """Make the folder a git repo whose main has one commit of all that lies there."""
    program.git("init", "--quiet", "--template=", "--initial-branch=main", cwd=folder)
    program.git("add", "--all", "--force", cwd=folder)
    program.git("commit", "--quiet", "--message", message, cwd=folder)
    if origin:
        program.git("remote", "add", "--", "origin", origin, cwd=folder)


def schema_file() -> bytes:
    """The JSON Schema of blueprint.yml, for the editor of whoever changes it."""
    return (json.dumps(published_schemas()["blueprint"], indent=2) + "\n").encode()
