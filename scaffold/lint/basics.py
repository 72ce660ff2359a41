"""Rules about what rendering needs, and about files in general."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

import yaml
from jinja2 import TemplateSyntaxError

from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.lint.ci import compose, is_ci
from scaffold.lint.jinja import parse_string
from scaffold.lint.keys import Text
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source
from scaffold.lint.visible import TEMPLATED_SETTINGS
from scaffold.render.extensions import how_to_have
from scaffold.similar import did_you_mean

_REPO = "Its choices are the repos of blueprint.yml; `_subdirectory` picks a folder by it."
_OF_ANSWER = "Give the question a default that it takes itself."
_NAMED = re.compile(r"`(\w+)`")
_UNKNOWN = re.compile(r"No (?P<kind>filter|test) named '(?P<name>[^']+)'")
_UNKNOWN_TAG = "unknown tag"  # as jinja says it
_RAW = "Put `{% raw %}` and `{% endraw %}` around what another tool is to fill in."


def invalid(source: Source) -> Iterator[Spot]:
    """copier.yml and blueprint.yml have to be valid, and to agree with each other.

    Each repo of blueprint.yml has a folder of the template, and is a choice of the question
    `repo`. Where one of the files can't be read at all, no other rule is looked at.
    """
    lines = source.texts[BLUEPRINT_FILE].split("\n")
    for name in source.model.test.answers:
        if name not in source.questions:
            named = re.compile(rf"\b{re.escape(name)}\b.*:")
            line = next((i for i, text in enumerate(lines, 1) if named.search(text)), 1)
            hint = did_you_mean(name, source.questions, "Remove it, or ask the question.")
            yield Spot(BLUEPRINT_FILE, line, f"`test.answers` has no question `{name}`", hint)
    known = source.questions.get("repo")
    if known is None:
        yield Spot(source.questions_file, 1, "there is no question `repo`", _REPO)
        return
    choices = known.get("choices")
    place = source.place_of("repo")
    for repo in source.model.repos:
        if isinstance(choices, list) and repo not in choices:
            yield Spot(*place, f"`{repo}` is no choice of `repo`", _REPO)
        root = source.roots[repo]
        if root and not any(path.startswith(f"{root}/") for path in source.tree):
            yield Spot(*source.place_of("_subdirectory"), f"there is no folder `{root}`")


def broken(source: Source) -> Iterator[Spot]:
    """A template that jinja can't read fails in every render that comes by it.

    Double braces that are meant for another tool (Helm, Prometheus, Grafana, Go) are the usual
    reason. Where an extension was not loaded, tags, filters and tests that may be of it are not
    told.
    """
    for path, parsed in source.templates.items():
        if isinstance(parsed, TemplateSyntaxError) and not _may_be_of_extension(source, parsed):
            yield _no_template(source, path, parsed.lineno, parsed)
    for text in _strings(source):
        parsed = parse_string(source.environment, text.text)
        if isinstance(parsed, TemplateSyntaxError) and not _may_be_of_extension(source, parsed):
            yield _no_template(source, text.path, text.line_of(parsed.lineno), parsed)


def _may_be_of_extension(source: Source, error: TemplateSyntaxError) -> bool:
    return bool(source.not_loaded) and _UNKNOWN_TAG in str(error.message)


def _no_template(source: Source, path: str, line: int, error: TemplateSyntaxError) -> Spot:
    said = str(error.message)
    hint = _RAW if "unexpected" in said or "end of print statement" in said else ""
    if unknown := _UNKNOWN.match(said):
        kind, name = unknown["kind"], unknown["name"]
        known = getattr(source.environment, f"{kind}s")
        hint = how_to_have(kind, name, list(known))
    return Spot(path, line, f"is no valid template: {error.message}", hint)


def _strings(source: Source) -> Iterator[Text]:
    """The strings of copier.yml, and the parts of file names."""
    for key in (*source.questions, *TEMPLATED_SETTINGS):
        yield from source.texts_at(key)
    for path, inner in source.repo_files():
        yield from (Text(path, 1, part) for part in inner.split("/"))


def not_rendered(source: Source) -> Iterator[Spot]:
    """The blueprint has to render with the default answers, and with each choice of a question.

    Lint renders each repo with the defaults, and then with further sets of answers until each
    choice was made once. A question without a default is answered with a stand-in; if its
    validator refuses that, give it a default. The rules about what is rendered (BP105, BP3xx to
    BP5xx) see nothing of a file that failed, and nothing of a repo whose answers fail.

    A Jinja extension has to be installed beside scaffold, and is code: without `--trust` none but
    Jinja's own is loaded. All else is looked at as far as it goes without.
    """
    for one in source.not_loaded:
        yield Spot(one.path, one.line, f"the Jinja extension `{one.name}` {one.why}", one.hint)
    broken_files = {
        path
        for path, template in source.templates.items()
        if isinstance(template, TemplateSyntaxError)
    }
    for failure in source.failures:
        if failure.of_answer:
            yield Spot(*_place_of_answer(source, failure.why), failure.why, _OF_ANSWER)
        elif failure.path not in broken_files and not (
            source.not_loaded and _UNKNOWN_TAG in failure.why
        ):
            yield Spot(failure.path, failure.line, f"the repo `{failure.repo}`: {failure.why}")
    for run in source.runs:
        for file in run.files:
            if is_ci(file) and not _is_blank(file.text) and _is_no_mapping(file.text):
                yield Spot(*file.origin(1), f"renders `{file.path}`, which is no YAML mapping")


def _is_blank(text: str | None) -> bool:
    lines = (line.strip() for line in (text or "").split("\n"))
    return not any(line and not line.startswith("#") for line in lines)


def _is_no_mapping(text: str | None) -> bool:
    return not isinstance(compose(text or ""), yaml.MappingNode)


def _place_of_answer(source: Source, why: str) -> tuple[str, int]:
    question = next((name for name in _NAMED.findall(why) if name in source.questions), "")
    return source.place_of(question)


def alike(source: Source) -> Iterator[Spot]:
    """Two names that differ only in case are one file on macOS and Windows."""
    yield from (
        Spot(path, 1, f"and `{other}` differ only in case") for path, other in _alike(source.tree)
    )
    for run in source.runs:
        sources = {file.path: file.source for file in run.files}
        for path, other in _alike(sources):
            message = f"renders `{path}`; `{other}` differs from it only in case"
            yield Spot(sources[path], 1, message)


def _alike(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each path with the next one that differs from it only in case."""
    groups: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        groups[path.lower()].append(path)
    for group in groups.values():
        yield from pairwise(group)


def without_newline(source: Source) -> Iterator[Spot]:
    """A text file ends with a line end; without one, the next line that is added changes two.

    What counts for a template is what it renders. Of other files, those that it includes may end
    as they need to.
    """
    copied = {file.source for run in source.runs for file in run.files if not file.is_template}
    for path, text in source.texts.items():
        if path in copied and path not in source.templates and _unended(text):
            yield Spot(path, text.count("\n") + 1, "does not end with a line end")
    for run in source.runs:
        for file in run.files:
            if file.is_template and file.text and _unended(file.text):
                path, line = file.origin(file.text.count("\n") + 1)
                yield Spot(path, line, f"renders `{file.path}` without a line end at its end")


def _unended(text: str) -> bool:
    return bool(text) and not text.endswith("\n")


RULES = (
    Rule("BP101", "Blueprint not valid", "Mend the line and run lint again.", invalid),
    Rule("BP102", "Template not valid", "Mend the line.", broken),
    Rule(
        "BP103",
        "Does not render",
        "Mend the template, or the default of the question.",
        not_rendered,
    ),
    Rule("BP104", "Names that differ only in case", "Rename one of them.", alike),
    Rule("BP105", "No line end at the end", "End the last line.", without_newline),
)
