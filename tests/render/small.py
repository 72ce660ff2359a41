"""A small blueprint, released and opened."""

from pathlib import Path
from typing import Any

from scaffold.git.tree import Tree
from scaffold.render.render import render
from scaffold.render.source import BlueprintVersion, open_version
from tests.builders import COPIER_YML, Files, make_blueprint


def opened(
    folder: Path, files: Files | None = None, *, questions: str = "", tag: str = "v1.0.0"
) -> BlueprintVersion:
    """The only version of a blueprint with these files and questions."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    whole: Files = {"code/README.md": "words\n", "copier.yml": COPIER_YML + questions}
    url = make_blueprint(folder / "small.git", {**whole, **(files or {})}, tag=tag)
    return open_version(url, None, scratch)


def rendered(blueprint: BlueprintVersion, scratch: Path, **answers: Any) -> Tree:
    """The repo `code` of a blueprint."""
    return render(blueprint, "code", answers, folder_name="shop-code", scratch=scratch)


def texts(tree: Tree) -> dict[str, str]:
    """The files of a tree as text, whatever they are."""
    return {path: entry.data.decode(errors="backslashreplace") for path, entry in tree.items()}
