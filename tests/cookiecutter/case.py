"""One cookiecutter template, rendered by cookiecutter, and by scaffold once it is copier's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cookiecutter.main import cookiecutter

from scaffold.cookiecutter.convert import Converted, convert
from scaffold.git.folders import read_folder, write_folder
from scaffold.git.tree import Tree
from scaffold.render.render import Destination, render_template
from scaffold.render.source import TemplateVersion
from scaffold.render.tasks import run_on_render
from tests.builders import Files, write_files

ROOT = "{{cookiecutter.slug}}"
"""The folder of the project in all templates here."""
SLUG = "my-shop"


def template(root: Path, files: Files, variables: Mapping[str, Any] | None = None) -> Path:
    """A template; the files of the project are those that begin with `ROOT`."""
    context = {"slug": SLUG, **(variables or {})}
    folder = root / "template"
    write_files(folder, {"cookiecutter.json": json.dumps(context), **files})
    return folder


def converted(folder: Path) -> Converted:
    """The template as one of copier's."""
    return convert(read_folder(folder), str(folder))


def by_cookiecutter(folder: Path, answers: Mapping[str, Any] | None = None) -> Tree:
    """What cookiecutter makes of the template."""
    home = folder.parent
    settings = home / "cookiecutter.yml"
    settings.write_text(f"replay_dir: {home}/replay\ncookiecutters_dir: {home}/templates\n")
    made = cookiecutter(
        str(folder), no_input=True, extra_context=dict(answers or {}),
        output_dir=str(home / "by-cookiecutter"), config_file=str(settings),
    )  # fmt: skip
    return read_folder(Path(made))


def by_scaffold(folder: Path, answers: Mapping[str, Any] | None = None) -> Tree:
    """What scaffold makes of it, once it is copier's; `answers` are by cookiecutter's names."""
    root = folder.parent
    done = converted(folder)
    write_folder(done.tree, root / "converted")
    version = TemplateVersion(str(root / "converted"), "v1.0.0", "0" * 40, root / "converted")
    known = {done.names[name]: value for name, value in (answers or {}).items()}
    rendered = render_template(version, known, Destination(SLUG), scratch=root, trust=True)
    return run_on_render(
        version, rendered.tree, SLUG, rendered.answers, operation="copy", trust=True, scratch=root
    )
