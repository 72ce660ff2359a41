"""All that a version renders to with some answers, but what comes out otherwise each time."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scaffold.errors import AnswerError
from scaffold.git.tree import Tree
from scaffold.render.environment import Sources, deterministic_sources
from scaffold.render.render import Destination, Rendered, render_template
from scaffold.render.source import TemplateVersion
from scaffold.render.tasks import run_on_render

_DAY = 86_400.0  # seconds
_OTHER_TIME = 400 * _DAY  # at another day, month and year
_SECRETS = ("a-secret", "another-secret")


def whole_render(
    version: TemplateVersion,
    recorded: Mapping[str, Any],
    place: Destination,
    *,
    trust: bool,
    scratch: Path,
) -> Rendered:
    """A render with the version's tasks, without files that nobody can render a second time.

    Those have a random value, the time, or a secret, which no answers file records.
    Raises RenderError, AnswerError, UntrustedError, ProcessFailedError.
    """
    from scaffold.render.preparation import questions_of

    secrets = [
        name
        for name, details in questions_of(version).items()
        if details.get("secret") and name not in recorded
    ]
    sources = Sources()

    def once(sources: Sources, secret: str) -> tuple[Rendered, Tree]:
        with deterministic_sources(sources):
            made = _with_secrets(
                version, dict.fromkeys(secrets, secret), recorded, place, trust, scratch
            )
        tree = run_on_render(
            version, made.tree, place.folder_name, {**made.answers, **recorded},
            operation="update", trust=trust, scratch=scratch,
        )  # fmt: skip
        return made, tree

    made, tree = once(sources, _SECRETS[0])
    if secrets or sources.used:
        _, other = once(Sources(sources.started - _OTHER_TIME), _SECRETS[1])
        tree = {path: entry for path, entry in tree.items() if other.get(path) == entry}
    return replace(made, tree=tree)


def _with_secrets(
    version: TemplateVersion,
    secrets: Mapping[str, Any],
    recorded: Mapping[str, Any],
    place: Destination,
    trust: bool,
    scratch: Path,
) -> Rendered:
    """A render with made-up secrets; with the defaults where these are no valid answers."""
    try:
        return render_template(
            version, secrets, place, scratch=scratch, recorded=recorded, trust=trust
        )
    except AnswerError:
        if not secrets:
            raise
    return render_template(version, {}, place, scratch=scratch, recorded=recorded, trust=trust)
