"""What is shown where a render differs from its snapshot, and how pytest finds the plugin."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scaffold.authoring.snapshots import RenderedSnapshots
from scaffold.authoring.trials import PLUGIN
from tests.builders import write_files

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
CONFTEST = """\
import pytest
from scaffold.authoring.snapshots import RenderedSnapshots

@pytest.fixture
def snapshot(snapshot):
    return snapshot.use_extension(RenderedSnapshots)
"""
BEFORE = """\
===== code/a.yaml
a:
  b: 1
  c: 2
===== code/gone.txt
gone

===== code/same.txt
  same
"""
NOW = """\
===== code/a.yaml
a:
b: 1
    c: 2
===== code/new.txt
new
===== code/same.txt
  same
"""
DIFF = [
    "--- snapshot/code/a.yaml", "+++ rendered/code/a.yaml",
    "@@ -1,3 +1,3 @@", " a:", "-  b: 1", "-  c: 2", "+b: 1", "+    c: 2",
    "--- snapshot/code/gone.txt", "+++ /dev/null",
    "@@ -1,2 +0,0 @@", "-gone", "-",
    "--- /dev/null", "+++ rendered/code/new.txt",
    "@@ -0,0 +1 @@", "+new",
]  # fmt: skip


def compared(folder: Path, *words: str, text: str) -> list[str]:
    """What pytest says, line by line, of a snapshot that is compared with a text."""
    test = f"def test_it(snapshot):\n    assert snapshot == {text!r}\n"
    write_files(folder, {"conftest.py": CONFTEST, "test_it.py": test})
    program = [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider"]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [*program, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


def test_a_difference_is_a_diff_of_files_with_their_indentation(tmp_path: Path) -> None:
    """With the path of each, as git shows it; nothing of files that are the same.

    A line that moves to the margin is a difference: indentation is what YAML is made of.
    """
    compared(tmp_path, "--snapshot-update", text=BEFORE)
    said = compared(tmp_path, text=NOW)
    start = next(i for i, line in enumerate(said) if line.endswith(DIFF[0]))
    margin = said[start].removesuffix(DIFF[0])

    assert DIFF == [line.removeprefix(margin) for line in said[start : start + len(DIFF)]]


def test_a_difference_is_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there is red, what is there now is green, unless NO_COLOR is set."""
    for name in ("NO_COLOR", "ANSI_COLORS_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    lines = list(RenderedSnapshots().diff_lines(NOW, BEFORE))

    assert "\x1b[38;5;1m-  b: 1\x1b[0m" in lines
    assert "\x1b[38;5;2m+b: 1\x1b[0m" in lines
    monkeypatch.setenv("NO_COLOR", "1")
    assert "-  b: 1" in list(RenderedSnapshots().diff_lines(NOW, BEFORE))


def test_the_plugin_is_called_like_its_module() -> None:
    """So `-p` finds it whether scaffold is installed or not, and pytest loads it only once."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]

    assert {PLUGIN: PLUGIN} == project["entry-points"]["pytest11"]
    assert hasattr(importlib.import_module(PLUGIN), "blueprint")
