"""Folders that many tests begin with, made once.

A platform records where it is, in what it commits: so each test finds its own at the same path,
fresh from a copy that no test has touched.
"""

import shutil
from collections.abc import Callable
from pathlib import Path


class Prepared:
    """The folders of one test worker, which runs one test at a time."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def fresh(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder of this name as `make` makes it, whatever a test did to it before."""
        folder, kept = self._base / name / "acme", self._base / f"{name}.kept"
        if folder.exists():
            shutil.rmtree(folder)
        if kept.exists():
            shutil.copytree(kept, folder, symlinks=True)
        else:
            folder.parent.mkdir(exist_ok=True)
            make(folder)
            shutil.copytree(folder, kept, symlinks=True)
        return folder
