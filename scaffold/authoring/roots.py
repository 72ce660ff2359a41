"""The folders that a template renders, where `_subdirectory` follows from answers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scaffold.errors import UsageError
from scaffold.lint.renders import choices_of
from scaffold.render.copying import make_worker
from scaffold.render.limits import within_limits
from scaffold.render.preparation import questions_of
from scaffold.render.source import TemplateVersion
from scaffold.render.tolerance import tolerant

_MARKS = (("variable_start_string", "{{"), ("block_start_string", "{%"))
_STAND_INS = {"str": "example", "int": 1, "float": 1.0, "bool": True, "path": "example"}


def template_roots(template: TemplateVersion) -> tuple[str, ...]:
    """Each folder that some answers lead to, without slashes around it; `` is all of the template.

    Tried are the defaults, and each choice of each question. Raises UsageError where they lead to
    none, RenderError where copier.yml is broken.
    """
    settings = make_worker(template, {}, Path("unused")).template
    marks = (settings.envops.get(mark, usual) for mark, usual in _MARKS)
    if not any(mark in settings.subdirectory for mark in marks):
        return (settings.subdirectory.strip("/"),)
    found: dict[str, None] = {}
    with tolerant():
        for answers in _variants(template):
            root = _root(template, answers)
            if root is not None and (template.folder / root).is_dir():
                found[root] = None
    if not found:
        raise UsageError(
            "has a `_subdirectory` that is no folder of it, whatever is answered",
            where=template.url,
            hint="Name a folder there, in a copy of the template, and import that.",
        )
    return tuple(found)


def _variants(template: TemplateVersion) -> Iterator[Mapping[str, Any]]:
    """Answers: the defaults, with stand-ins where there are none, and one other choice each."""
    questions = questions_of(template)
    known = {
        name: (choices_of(details) or [_STAND_INS.get(details.get("type", "yaml"))])[0]
        for name, details in questions.items()
        if "default" not in details
    }
    yield known
    for name, details in questions.items():
        of_type = [True, False] if details.get("type") == "bool" else []
        for value in choices_of(details) or of_type:
            yield {**known, name: value}


def _root(template: TemplateVersion, answers: Mapping[str, Any]) -> str | None:
    worker = make_worker(template, answers, Path("unused"))
    try:
        with within_limits():
            worker._ask()  # noqa: SLF001 - it is copier's
            text = worker._render_string(worker.template.subdirectory)  # noqa: SLF001 - it is copier's
    except Exception:  # noqa: BLE001 - these answers may be refused
        return None
    return text.strip("/")
