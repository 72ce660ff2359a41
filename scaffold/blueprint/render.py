"""Render: (blueprint version, answers, destination) -> tree. Everything that renders calls this."""

import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffold.blueprint.source import BlueprintVersion
from scaffold.errors import RenderError
from scaffold.git.tree import Entry, Tree, read_folder


def render(
    blueprint: BlueprintVersion,
    repo: str,
    answers: Mapping[str, Any],
    *,
    folder_name: str,
    scratch: Path,
) -> Tree:
    """Render one of the paired repos.

    `folder_name` is what a template may read of its destination. Raises RenderError.
    """
    from scaffold.blueprint.copying import make_worker

    with tempfile.TemporaryDirectory(dir=scratch) as parent:
        destination = Path(parent) / folder_name
        try:
            with make_worker(blueprint, {**answers, "repo": repo}, destination) as worker:
                try:
                    worker.run_copy()
                except FileNotFoundError:
                    if worker.template_copy_root.is_dir():
                        raise  # else it has no folder for this repo, and so renders nothing
        except Exception as error:
            raise RenderError(
                f"can't render the repo `{repo}`: {error}",
                where=_where(blueprint, error),
                hint="This is a fault of the blueprint; its authors can see it with these answers.",
            ) from error
        tree = read_folder(destination)
        if (destination / ".git").exists():
            tree[".git"] = Entry.file(b"")
    for path in tree:
        if any(part.lower() in {".git", "git~1"} for part in path.split("/")):
            raise RenderError(
                f"can't render the repo `{repo}`: `{path}` is in git's own folder",
                where=f"{blueprint.url}@{blueprint.version}",
            )
    if not tree:
        raise RenderError(
            f"renders nothing for the repo `{repo}`",
            where=f"{blueprint.url}@{blueprint.version}",
            hint="Its `_subdirectory` has to name a folder for each of the paired repos.",
        )
    return tree


def _where(blueprint: BlueprintVersion, error: Exception) -> str:
    """The template and line that the error comes from: jinja has them in the traceback."""
    from jinja2 import TemplateSyntaxError

    place = f"{blueprint.url}@{blueprint.version}"
    root = blueprint.folder.resolve()
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return f"{place}:{Path(error.filename).relative_to(root)}:{error.lineno}"
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(root):
            return f"{place}:{file.relative_to(root)}:{line}"
        if "src_relpath" in frame.f_locals:
            return f"{place}:{frame.f_locals['src_relpath']}"
    return place


def render_name(blueprint: BlueprintVersion, template: str, answers: Mapping[str, Any]) -> str:
    """Fill in a repo's name. Raises RenderError."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return SandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(answers)
    except (TemplateError, ArithmeticError, ValueError, TypeError) as error:
        raise RenderError(
            f"can't fill in the repo name `{template}`: {error}",
            where=f"{blueprint.url}@{blueprint.version}:blueprint.yml",
        ) from error
