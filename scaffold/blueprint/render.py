"""Render: (blueprint version, answers, destination) -> tree. Everything that renders calls this."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffold.blueprint.source import BlueprintVersion
from scaffold.errors import RenderError
from scaffold.git.tree import Tree, read_folder


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
    from copier.errors import CopierError
    from jinja2 import TemplateError

    from scaffold.blueprint.copying import make_worker

    with tempfile.TemporaryDirectory(dir=scratch) as parent:
        destination = Path(parent) / folder_name
        try:
            with make_worker(blueprint, {**answers, "repo": repo}, destination) as worker:
                worker.run_copy()
        except (CopierError, TemplateError, ValueError, TypeError) as error:
            raise RenderError(
                f"can't render the repo `{repo}`: {error}",
                where=_where(blueprint, error),
                hint="This is a fault of the blueprint; its authors can see it with these answers.",
            ) from error
        tree = read_folder(destination)
    if not tree:
        raise RenderError(
            f"renders nothing for the repo `{repo}`",
            where=f"{blueprint.url}@{blueprint.version}",
            hint="Its `_subdirectory` has to name a folder for each of the paired repos.",
        )
    return tree


def _where(blueprint: BlueprintVersion, error: Exception) -> str:
    filename = getattr(error, "filename", None) or getattr(error, "name", None)
    line = getattr(error, "lineno", None)
    place = f"{blueprint.url}@{blueprint.version}"
    if filename:
        place += f":{str(filename).removeprefix(str(blueprint.folder.resolve()) + '/')}"
    return f"{place}:{line}" if line else place


def render_name(blueprint: BlueprintVersion, template: str, answers: Mapping[str, Any]) -> str:
    """Fill in a repo's name. Raises RenderError."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return SandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(answers)
    except TemplateError as error:
        raise RenderError(
            f"can't fill in the repo name `{template}`: {error}",
            where=f"{blueprint.url}@{blueprint.version}:blueprint.yml",
        ) from error
