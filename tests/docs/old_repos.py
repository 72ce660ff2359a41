"""Repos in somebody's `~/src` that other tools made, of templates in `~/templates`."""

import json
import os
import subprocess
import sys
from pathlib import Path

from copier import run_copy

from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, Files, commit_files, git

_LIBRARY: Files = {
    "copier.yml": "name: {type: str}\n",
    ANSWERS_NAME: ANSWERS_TEXT,
    "README.md.jinja": "# {{ name }}\n",
    "Makefile": "test:\n\tpytest\n",
}
_SHOP: Files = {
    "cookiecutter.json": '{"slug": "my-shop", "licence": "MIT"}',
    "{{cookiecutter.slug}}/README.md": "# {{ cookiecutter.slug }}\n",
    "{{cookiecutter.slug}}/LICENCE": "{{ cookiecutter.licence }}\n",
}


def made_by_copier(home: Path, *names: str) -> None:
    """Repos of a version of `library` that has a newer one."""
    template = home / "templates/library"
    commit_files(template, _LIBRARY)
    git("tag", "v1.0.0", cwd=template)
    for name in names:
        folder = home / "src" / name
        run_copy(str(template), folder, data={"name": name}, quiet=True)
        _commit(folder)
    commit_files(template, {**_LIBRARY, "Makefile": "test:\n\tpytest --quiet\n"})
    git("tag", "v1.1.0", cwd=template)


def made_by_cruft(home: Path, name: str) -> None:
    """A repo of the cookiecutter template `shop`."""
    template = home / "templates/shop"
    commit_files(template, _SHOP)
    words = ["--no-input", "--extra-context", json.dumps({"slug": name})]
    subprocess.run(
        [sys.executable, "-m", "cruft", "create", str(template), *words],
        cwd=home / "src", check=True, capture_output=True, env={**os.environ, "HOME": str(home)},
    )  # fmt: skip
    _commit(home / "src" / name)


def _commit(folder: Path) -> None:
    git("init", "-q", "-b", "main", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "Start", cwd=folder)
