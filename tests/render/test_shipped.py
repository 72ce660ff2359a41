"""The blueprints that ship: which there are, and what they share."""

import runpy
from pathlib import Path

import pytest

from scaffold.git.folders import read_folder
from scaffold.render.source import shipped_blueprints, shipped_names

NAMES = ("python-service", "go-service", "worker")
SHARED_FILES = runpy.run_path(str(Path(__file__).parents[2] / "scripts/share"))["shared_files"]


def test_which_there_are() -> None:
    """The first is the one that a platform offers first; what they share is no blueprint."""
    assert NAMES == shipped_names()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shared_is_written_once(name: str) -> None:
    """Each has a copy of just what it uses, since copier reads nothing outside of it.

    To bring the copies up to date: scripts/share
    """
    folder = shipped_blueprints() / name
    expected = SHARED_FILES(folder)
    there = {path: one.data for path, one in read_folder(folder / "shared").items()}

    assert expected == {path: data for path, data in there.items() if "__pycache__" not in path}


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("from rendering import Render", {"testing/rendering.py"}),
        ("from http_env import *", {"testing/http_env.py", "testing/rendering.py"}),
        ("{% include 'shared/text.jinja' %}", {"text.jinja"}),
        ("import http_envelope  # not as in shared/testing", set()),
    ],
)
def test_what_is_used(tmp_path: Path, text: str, used: set[str]) -> None:
    """What a file names, the modules that tests import, and what these name in turn; no more."""
    (tmp_path / "test_it.py").write_text(f'"""A test."""\n\n{text}\n', encoding="utf-8")

    assert used == SHARED_FILES(tmp_path).keys()
