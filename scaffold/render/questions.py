"""Answers: given, prompted for, or the default; each is checked by the blueprint's rules."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.errors import AnswerError, RenderError, ScaffoldError
from scaffold.render.limits import within_limits
from scaffold.render.source import TemplateVersion
from scaffold.similar import did_you_mean

if TYPE_CHECKING:
    from scaffold.render.copier_api import AnswersMap, Question, Worker

_YES_OR_NO = frozenset(
    {"y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0", "none", "null", "~"}
)
# The form of typed answers, by the question's type; others may be any text.
_KINDS = {"int": "a whole number", "float": "a number", "json": "JSON", "yaml": "YAML"}
# Asks a person one question and returns the answer.
Prompt = Callable[["Question"], Any]


def gather_answers(
    blueprint: TemplateVersion,
    given: Mapping[str, Any],
    *,
    supplied: Mapping[str, Any],
    prompt: Prompt | None,
    scratch: Path,
) -> dict[str, Any]:
    """The answers that the blueprint records, in the order of its questions.

    `given` comes from the user; unknown names in it are an error. `supplied` comes from the
    platform; unknown names in it are ignored. Without a `prompt`, questions get their defaults.
    Raises AnswerError.
    """
    from scaffold.render.copier_api import AnswersMap
    from scaffold.render.copying import make_worker

    worker = make_worker(blueprint, {}, scratch / "answers")
    questions = worker.template.questions_data
    refuse_unknown(given, questions)
    known = {name: value for name, value in {**supplied, **given}.items() if name in questions}
    worker.answers = AnswersMap(init=known, metadata=worker.template.metadata)
    for name, details in questions.items():
        _answer(worker, name, details, prompt)
    hidden = worker.answers.hidden
    return {
        name: worker.answers.user[name]
        for name in questions
        if name not in hidden and name in worker.answers.user
    }


def _answer(worker: "Worker", name: str, details: Mapping[str, Any], prompt: Prompt | None) -> None:
    """Settle one question; the order of the rules is the same as copier's."""
    from scaffold.render.copier_api import MISSING, is_refusal
    from scaffold.render.copying import make_question

    answers = worker.answers
    try:
        question = make_question(worker, name, details)
    except (ValueError, TypeError) as error:
        raise _broken(worker, name, error) from error
    try:
        with within_limits():
            value = _settled(question, answers, prompt)
    except (ScaffoldError, EOFError, OSError):  # of the prompt
        raise
    except (ValueError, TypeError) as error:
        reason = _plain_reason(name, str(error))
        raise AnswerError(
            f"the answer to `{name}` is not valid: {reason or type(error).__name__}",
            hint=f"Give another one, for example with --data {name}=...",
            by_rule=is_refusal(error),
        ) from error
    except Exception as error:
        raise _broken(worker, name, error) from error
    if value is not MISSING:
        answers.user[name] = value
    elif name not in answers.hidden:
        raise AnswerError(
            f"the question `{name}` has no default and got no answer",
            hint=f"Give one with --data {name}=... or run without --defaults to be asked.",
            unanswered=name,
        )


def _settled(question: "Question", answers: "AnswersMap", prompt: Prompt | None) -> Any:
    name = question.var_name
    if not question.get_when():
        answers.hide(name)
        answers.init.pop(name, None)
    if name in answers.init:
        _refuse_doubtful_bool(question, answers.init[name])
        value = _parse(question, answers.init[name])
        question.validate_answer(value)
        return value
    if prompt is not None and question.get_when() and question.get_ask():
        return prompt(question)
    return question.get_default()


def problem_with_answer(question: "Question", given: Any) -> str | None:
    """Say what is wrong with a typed answer, or None."""
    try:
        question.validate_answer(_parse(question, given))
    except Exception as error:  # noqa: BLE001 - a validator may raise anything
        return _plain_reason(question.var_name, str(error)) or "This is no answer."
    return None


def _parse(question: "Question", given: Any) -> Any:
    """The answer as the question's type. Raises ValueError with a message for people."""
    kind = question.get_type_name()
    if kind in _KINDS and isinstance(given, str) and not question.multiselect:
        try:
            question.cast_answer(given)
        except ValueError as error:
            raise ValueError(f"It must be {_KINDS[kind]}.") from error
    return question.parse_answer(given)


def _plain_reason(name: str, reason: str) -> str:
    """Why an answer is not valid, without copier's prefix."""
    return reason.removeprefix(f"Validation error for question '{name}': ").strip()


def _broken(worker: "Worker", name: str, error: Exception) -> RenderError:
    return RenderError(
        f"the question `{name}` is broken: {error}",
        where=f"{worker.template.url}@{worker.template.commit}:copier.yml",
        hint="This is a fault of the blueprint; its authors can see it with these answers.",
    )


def _refuse_doubtful_bool(question: "Question", given: Any) -> None:
    """Refuse words that are no booleans: copier reads any of them as yes, even `flase`."""
    word = given.strip().lower() if isinstance(given, str) else "yes"
    if question.get_type_name() == "bool" and word not in _YES_OR_NO:
        raise ValueError(f"{given!r} is neither yes nor no")


def refuse_unknown(given: Iterable[str], questions: Collection[str]) -> None:
    """Raise AnswerError for an answer without a question."""
    for name in given:
        if name not in questions:
            raise AnswerError(
                f"the blueprint asks no question `{name}`",
                hint=did_you_mean(name, questions, f"It asks: {', '.join(questions)}"),
            )
