"""`scaffold blueprint new`: a blueprint that works as it is made, to be changed bit by bit."""

import json
import tempfile
from pathlib import Path

from scaffold.config.names import problem_with_label
from scaffold.documents.schemas import published_schemas
from scaffold.errors import UsageError, not_written
from scaffold.git import program
from scaffold.git.folders import read_folder, write_folder
from scaffold.git.tree import Entry, Tree

SCHEMA_FILE = ".schema/blueprint.json"
_SKELETON = Path(__file__).parent / "skeleton"
_SUMMARY = "A service with one repo for its code and one for what runs where"


def make_blueprint(name: str, folder: Path, *, ci_image: str, origin: str | None) -> None:
    """Make a blueprint in `folder`, as a git repo with one commit; a new one appears in one step.

    `ci_image` is what its own pipeline runs in, `origin` the URL that it will be pushed to.
    Raises UsageError where the name is not one, or something is in the folder.
    """
    if problem := problem_with_label(name):
        raise UsageError(f"the blueprint's name `{name}` {problem}", hint="Choose another name.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("is there already", where=str(folder), hint="Name another folder.")
    program.identity()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as staging:
            made = Path(staging) / folder.name
            made.mkdir()
            write_folder(_skeleton(name, ci_image), made)
            commit_all(made, f"Start the blueprint {name}", origin=origin)
            _move(made, folder)
    except OSError as error:
        raise not_written(error, folder) from error


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


def _skeleton(name: str, ci_image: str) -> Tree:
    words = {b"@name@": name, b"@summary@": _SUMMARY, b"@ci_image@": ci_image}
    tree = {
        path: Entry(entry.mode, _filled_in(entry.data, words))
        for path, entry in read_folder(_SKELETON).items()
        if "__pycache__" not in path and ".pytest_cache" not in path
    }
    return {**tree, SCHEMA_FILE: Entry.file(schema_file())}


def _filled_in(data: bytes, words: dict[bytes, str]) -> bytes:
    for word, text in words.items():
        data = data.replace(word, text.encode())
    return data
