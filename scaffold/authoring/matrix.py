"""Which answers a blueprint is tested with: sets that hold every pair of values."""

from collections.abc import Callable, Container, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final

from scaffold.config.names import LONGEST_SERVICE_NAME
from scaffold.errors import ToolMissingError
from scaffold.render.limits import within_limits
from scaffold.render.preparation import questions_of
from scaffold.render.source import BlueprintVersion

Answers = Mapping[str, Any]
_DEFAULT: Final = object()  # nothing is given, so the blueprint's default counts
# A short name, and the longest that scaffold takes: it must fit wherever it ends up.
_SERVICES = ("shop", "longest-" + "x" * (LONGEST_SERVICE_NAME - len("longest-")))


def answer_matrix(
    version: BlueprintVersion, scratch: Path, supplied: Container[str]
) -> tuple[Answers, ...]:
    """Sets of answers that hold every pair of values, the defaults of all questions first.

    A question's values are its choices, yes and no, or its default, and what blueprint.yml lists
    for it under `test`; one that is never asked is varied where it lists values for that. What is
    `supplied` by the platform is not varied.
    Raises ToolMissingError, RenderError.
    """
    axes = {"service": list(version.model.test.answers.get("service", _SERVICES))}
    axes |= _axes(version, scratch, supplied)
    rows = _pairs(list(axes.values()))
    return tuple(
        {name: value for name, value in zip(axes, row, strict=True) if value is not _DEFAULT}
        for row in rows
    )


def needed_answers(version: BlueprintVersion) -> Answers:
    """The first test answer to each question that has no default, as far as there is one."""
    listed = version.model.test.answers
    return {
        name: listed[name][0]
        for name, details in questions_of(version).items()
        if "default" not in details and listed.get(name)
    }


def _pairs(values: list[list[Any]]) -> list[Any]:
    if len(values) == 1:
        return list(product(*values))
    try:
        from allpairspy import AllPairs
    except ImportError as error:
        raise ToolMissingError(
            "the Python package `allpairspy` is not installed",
            hint='Run: pip install "scaffold-blueprints[authoring]"',
        ) from error
    return list(AllPairs(values))


def _axes(
    version: BlueprintVersion, scratch: Path, supplied: Container[str]
) -> dict[str, list[Any]]:
    from scaffold.render.copying import make_question, make_worker

    worker = make_worker(version, {}, scratch / "answers")
    axes: dict[str, list[Any]] = {}
    for name, details in questions_of(version).items():
        if (
            name == "service"
            or name in supplied
            or (details.get("ask") is False and name not in version.model.test.answers)
            or details.get("when") is False
        ):
            continue
        question = make_question(worker, name, details)
        values = _each_once([*_choices(question), *version.model.test.answers.get(name, ())])
        has_default = "default" in details
        axes[name] = [_DEFAULT, *_without(_default(question), values)] if has_default else values
    return {name: values for name, values in axes.items() if values}


def _choices(question: Any) -> list[Any]:
    if question.choices:
        offered = _tried(lambda: [one.value for one in question._formatted_choices], [])  # noqa: SLF001 - it is copier's
        return [[], offered] if question.multiselect else offered
    return [True, False] if question.get_type_name() == "bool" else []


def _default(question: Any) -> Any:
    return _tried(question.get_default, _DEFAULT)


def _each_once(values: list[Any]) -> list[Any]:
    """The values without those that came before, as a choice may be listed for tests, too."""
    told = [(type(one), one) for one in values]
    return [one for at, one in enumerate(values) if told.index(told[at]) == at]


def _without(default: Any, values: list[Any]) -> list[Any]:
    return [one for one in values if (type(one), one) != (type(default), default)]


def _tried(ask: Callable[[], Any], otherwise: Any) -> Any:
    """What depends on other answers can't be told before they are given."""
    try:
        with within_limits():
            return ask()
    except Exception:  # noqa: BLE001 - a trial of these answers tells what is wrong with them
        return otherwise
