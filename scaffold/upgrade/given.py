"""Answers that an upgrade is given beside the recorded ones: by the user, and by the platform."""

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
    """What is not recorded just so: the same answer in another order of its keys is no news.

    Of what the platform supplied only that counts which nobody is asked, and `owner`: a person's
    own answer is not overruled. Raises AnswerError where the user gave one to a question of neither
    version.
    """
    if not given and not supplied:
        return {}
    from scaffold.render.preparation import questions_of

    questions = questions_of(new)
    if not questions.keys() >= given.keys():  # a secret that the new version does not ask, say
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
