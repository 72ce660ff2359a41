"""Renders a blueprint with a few sets of answers that cover each choice at least once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scaffold.config.blueprint import Blueprint
from scaffold.errors import AnswerError, RenderError, ScaffoldError
from scaffold.lint.source import Failure, Run
from scaffold.lint.trace import trace
from scaffold.render.environment import deterministic_sources
from scaffold.render.render import Destination, explained, render_template
from scaffold.render.source import TemplateVersion
from scaffold.render.tolerance import tolerant

Answers = Mapping[str, Any]
Questions = Mapping[str, Mapping[str, Any]]
# Answers to questions without a default, by type.
_STAND_INS: Answers = {"str": "example", "int": 1, "float": 1.0, "bool": False, "yaml": {}}
_PLACE = re.compile(r":(?P<path>.+?)(:(?P<line>[0-9]+))?")
_FOLDER = "example"
_NOTHING = object()
_QUOTED = """It's "so" \\ here"""
_NEVER_QUOTED = frozenset({"owner", "registry", "repo", "service", "ci_image"})  # names


def render_all(
    template: TemplateVersion,
    questions: Questions,
    model: Blueprint,
    scratch: Path,
    *,
    trust: bool,
) -> tuple[tuple[Run, ...], tuple[Failure, ...]]:
    """All paired repos with each set of answers, and the failures.

    It is no failure if a validator refuses a set other than that of the defaults; its answers are
    then tried one by one.
    """
    runs: list[Run] = []
    failures: list[Failure] = []
    defaults, *others = answer_sets(questions, model)
    waiting = [(answers, False) for answers in (defaults, *others)]
    if quoted := _quoted(questions):
        waiting.append(({**defaults, **quoted}, True))
    while waiting:
        answers, in_quotes = waiting.pop(0)
        for repo in model.repos:
            try:
                run, failed = _run(template, repo, {**answers, "repo": repo}, scratch, trust)
                runs.append(replace(run, quoted=in_quotes))
                failures += () if in_quotes else failed
            except AnswerError as error:
                if answers is defaults:
                    failures.append(_failure(template, repo, error))
                    continue
                waiting += [(one, in_quotes) for one in _one_by_one(defaults, answers)]
                break
            except ScaffoldError as error:
                if in_quotes:  # a name of a file, say; what else may have quotes is tried alone
                    waiting += [(one, True) for one in _one_by_one(defaults, answers)]
                    break
                failures.append(_failure(template, repo, error))
    return tuple(runs), tuple(failures)


def _quoted(questions: Questions) -> dict[str, str]:
    """An answer with quotes in it to each question that anybody may answer with any text."""
    return {
        name: _QUOTED
        for name, details in questions.items()
        if name not in _NEVER_QUOTED
        and details.get("type", "str") == "str"
        and isinstance(details.get("default", ""), str)
        and not (details.get("choices") or details.get("when") is False)
        and details.get("ask") is not False
        and not details.get("secret")
    }


def _one_by_one(defaults: Answers, answers: Answers) -> list[dict[str, Any]]:
    """A refused set, split into sets that differ from the defaults in one answer each."""
    changed = [name for name in answers if answers[name] != defaults.get(name, _NOTHING)]
    return [{**defaults, name: answers[name]} for name in changed] if len(changed) > 1 else []


def _run(
    template: TemplateVersion, repo: str, answers: Answers, scratch: Path, trust: bool
) -> tuple[Run, tuple[Failure, ...]]:
    """One render, and the files that are left out of it since they fail."""
    place = Destination(_FOLDER)
    with deterministic_sources(), tolerant() as faults:
        tree = render_template(template, answers, place, scratch=scratch, trust=trust).tree
        failures = tuple(_failure(template, repo, explained(template, one.error)) for one in faults)
        if not tree and not failures:
            raise RenderError(
                f"renders nothing for the repo `{repo}`",
                hint="`_subdirectory` has to name a folder for each of the paired repos.",
            )
        traced = trace(template, answers, tree, scratch, trust=trust)
        return Run(repo, answers, traced), failures


def _failure(template: TemplateVersion, repo: str, error: ScaffoldError) -> Failure:
    prefix = f"{template.url}@{template.version}"
    why = error.what.replace(f"{template.folder}/", "")
    place = _PLACE.fullmatch(error.where.removeprefix(prefix))
    if place is None:
        return Failure(repo, template.url, 1, why, isinstance(error, AnswerError))
    return Failure(repo, place["path"], int(place["line"] or 1), why, False)


def answer_sets(questions: Questions, model: Blueprint) -> Iterator[dict[str, Any]]:
    """The defaults first, then sets that cover each choice of each question once."""
    stand_ins = {
        name: _stand_in(name, details, model)
        for name, details in questions.items()
        if "default" not in details and not details.get("secret")
    }
    tested = model.test.answers
    others = {
        name: choices
        for name, details in questions.items()
        if name != "repo"
        and (choices := [*_other_choices(details, stand_ins.get(name)), *tested.get(name, ())])
    }
    for number in range(1 + max((len(choices) for choices in others.values()), default=0)):
        # Each question cycles through its choices, starting with the default.
        turned = {
            name: choices[number % (len(choices) + 1) - 1]
            for name, choices in others.items()
            if number % (len(choices) + 1)
        }
        yield stand_ins | turned


def _other_choices(details: Mapping[str, Any], stand_in: Any) -> Iterator[Any]:
    """Possible answers other than the default, as far as they are known without prompting."""
    default = details.get("default", stand_in)
    if details.get("when") is False or details.get("multiselect"):
        return
    choices = [False, True] if details.get("type") == "bool" or isinstance(default, bool) else []
    for choice in choices_of(details) or choices:
        if choice != default:
            yield choice


def choices_of(details: Mapping[str, Any]) -> list[Any]:
    """The values that a question accepts; empty where any is accepted, or they are a template."""
    return list(_values(details.get("choices")))


def _values(given: Any) -> Iterator[Any]:
    """The values of `choices`, in all forms of copier; none are known of a template."""
    if isinstance(given, Mapping):
        for value in given.values():
            yield value.get("value") if isinstance(value, Mapping) else value
    elif isinstance(given, list):
        for item in given:
            yield item[1] if isinstance(item, list) and len(item) > 1 else item


def _stand_in(name: str, details: Mapping[str, Any], model: Blueprint) -> Any:
    supplied = {
        "siblings": {
            repo: {"name": f"example-{repo}", "url": f"https://git.example.com/example-{repo}.git"}
            for repo in model.repos
        },
        "environments": [
            {"name": "dev", "namespace": "example-dev", "context": "", "replicas": _REPLICAS}
        ],
        "registry": "registry.example.com",
        "ci_image": "registry.example.com/ci:1.0.0",
    }
    choices = choices_of(details)
    return (
        choices[0] if choices else supplied.get(name, _STAND_INS.get(details.get("type", "yaml")))
    )


_REPLICAS = {"min": 1, "max": 2}
