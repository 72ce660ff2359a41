"""The blueprints that ship: which there are, and what they share."""

import runpy
from pathlib import Path

import pytest

from scaffold.blueprint.source import shipped_blueprints, shipped_names
from scaffold.git.tree import read_folder

NAMES = ("python-service", "go-service", "worker")
SHARE = Path(__file__).parents[2] / "scripts/share"


def test_which_there_are() -> None:
    """The first is the one that a platform offers first; what they share is no blueprint."""
    assert NAMES == shipped_names()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shared_is_written_once(name: str) -> None:
    """Each has a copy of just what it includes, since copier reads nothing outside of it.

    To bring the copies up to date: scripts/share
    """
    folder = shipped_blueprints() / name
    expected = runpy.run_path(str(SHARE))["shared_files"](folder)
    there = {path: one.data for path, one in read_folder(folder / "shared").items()}

    assert expected == {path: data for path, data in there.items() if "__pycache__" not in path}
