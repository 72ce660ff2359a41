"""What is shown where a render differs from its snapshot, and how pytest finds the plugin."""

import importlib
import tomllib
from pathlib import Path

from scaffold.authoring.snapshots import RenderedSnapshots
from scaffold.authoring.trials import PLUGIN

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
BEFORE = "'''\n  ===== code/a.txt\n  one\n    two\n  ===== code/gone.txt\n  gone\n  \n'''"
NOW = "'''\n  ===== code/a.txt\n  one\n    2\n  ===== code/new.txt\n  new\n  \n'''"


def test_a_difference_is_a_diff_of_files() -> None:
    """With the path of each, the file's own indentation, and nothing of files that are the same."""
    assert [
        "--- snapshot/code/a.txt", "+++ rendered/code/a.txt",
        "@@ -1,2 +1,2 @@", " one", "-  two", "+  2",
        "--- snapshot/code/gone.txt", "+++ /dev/null",
        "@@ -1 +0,0 @@", "-gone",
        "--- /dev/null", "+++ rendered/code/new.txt",
        "@@ -0,0 +1 @@", "+new",
    ] == list(RenderedSnapshots().diff_lines(NOW, BEFORE))  # fmt: skip


def test_the_plugin_is_called_like_its_module() -> None:
    """So `-p` finds it whether scaffold is installed or not, and pytest loads it only once."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]

    assert {PLUGIN: PLUGIN} == project["entry-points"]["pytest11"]
    assert hasattr(importlib.import_module(PLUGIN), "blueprint")
