"""Answers for an upgrade beside the recorded ones: by the user, and by the platform."""

from collections.abc import Mapping
from typing import Any

from scaffold.render.answers_file import AnswersFile
from scaffold.render.questions import refuse_unknown
from scaffold.render.source import TemplateVersion


def news(
    given: Mapping[str, Any],
    supplied: Mapping[str, Any],
    old: TemplateVersion,
    new: TemplateVersion,
    answers: AnswersFile,
) -> dict[str, Any]:
    """The answers that differ from the recorded ones, whatever the order of their keys.

    Of the platform's answers only those count to questions that nobody is asked, and `owner`: a
    person's own answer is not overruled. Raises AnswerError where the user answered a question that
    neither version has.
    """
    if not given and not supplied:
        return {}
    from scaffold.render.preparation import questions_of

    questions = questions_of(new)
    if (
        not questions.keys() >= given.keys()
    ):  # for example a secret that the new version does not ask for
        refuse_unknown(given, {**questions, **questions_of(old), **answers.recorded})
    counting = {
        name: value
        for name, value in supplied.items()
        if name in questions and (name == "owner" or questions[name].get("ask") is False)
    }
    recorded = answers.recorded
    return {
        name: value
        for name, value in {**counting, **given}.items()
        if name not in recorded or (type(value), value) != (type(recorded[name]), recorded[name])
    }


def changes(recorded: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a recorded answer becomes another one."""
    return any(name in recorded and recorded[name] != value for name, value in given.items())
