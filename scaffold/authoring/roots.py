"""The folders that a template renders, where `_subdirectory` follows from answers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.errors import UsageError
from scaffold.render.copying import make_question, make_worker
from scaffold.render.limits import within_limits
from scaffold.render.preparation import questions_of
from scaffold.render.source import TemplateVersion

if TYPE_CHECKING:
    from scaffold.render.copier_api import Question


def template_roots(template: TemplateVersion) -> tuple[str, ...]:
    """Each folder that some answers lead to, without slashes around it; `` is all of the template.

    Tried are the defaults, and each choice of each question. Raises UsageError where they lead to
    none, RenderError where copier.yml is broken.
    """
    found: dict[str, None] = {}
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
    yield {}
    worker = make_worker(template, {}, Path("unused"))
    for name, details in questions_of(template).items():
        for value in _choices(make_question(worker, name, details)):
            yield {name: value}


def _choices(question: "Question") -> list[Any]:
    try:
        with within_limits():
            if question.choices:
                return [one.value for one in question._formatted_choices]  # noqa: SLF001 - it is copier's
            return [True, False] if question.get_type_name() == "bool" else []
    except Exception:  # noqa: BLE001 - choices that follow from answers are not known here
        return []


def _root(template: TemplateVersion, answers: Mapping[str, Any]) -> str | None:
    worker = make_worker(template, answers, Path("unused"))
    try:
        with within_limits():
            worker._ask()  # noqa: SLF001 - it is copier's
            text = worker._render_string(worker.template.subdirectory)  # noqa: SLF001 - it is copier's
    except Exception:  # noqa: BLE001 - these answers may be refused
        return None
    return text.strip("/")
