"""Renders the blueprint's repos, each combination of answers once a session."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

BLUEPRINT = Path(__file__).parents[1]

Render = Callable[..., Path]


def load(path: Path) -> Any:
    """What a YAML file says."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def render(copie_session: Any) -> Render:
    """A function: the folder of one rendered repo. Do not write to it."""
    rendered: dict[str, Path] = {}

    def render(repo: str, **answers: Any) -> Path:
        answers = {"service": "payments", "owner": "team-a", "repo": repo} | answers
        key = repr(sorted(answers.items()))
        if key not in rendered:
            result = copie_session.copy(extra_answers=answers, template_dir=BLUEPRINT)
            if result.exception:
                raise result.exception
            rendered[key] = result.project_dir
        return rendered[key]

    return render
