"""Rules about questions and the variables of templates."""

import re
from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError

from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.lint.jinja import Parsed, expressions, names_of, parse, parse_string
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source
from scaffold.lint.visible import (
    Use,
    answers_seen,
    needs_of_paths,
    needs_of_question,
    needs_of_settings,
    uses,
)

# Answers that scaffold supplies or reads, whether or not a template uses them.
SUPPLIED = frozenset(
    {"ci_image", "environments", "owner", "registry", "repo", "service", "siblings"}
)
_WORD = re.compile(r"\w+")
_AS_IT_COMES = Environment(autoescape=False)  # noqa: S701 - to parse, not to render HTML
# The contexts of GitHub's expressions.
_GITHUBS = frozenset(
    {
        "env", "fromJSON", "github", "hashFiles", "inputs", "job", "jobs", "matrix", "needs",
        "runner", "secrets", "steps", "strategy", "toJSON", "vars",
    }
)  # fmt: skip


def undefined(source: Source) -> Iterator[Spot]:
    """A variable that nothing defines renders to nothing, or fails in somebody's upgrade.

    Looked at are all templates with what they include and import, file and folder names, every
    part of a question, copier's settings and the names of the repos. A question sees the answers
    of those before it; a file that is imported sees no answers unless it is imported `with
    context`. A variable that the template asks `is defined` for, or gives a `default`, may be
    undefined.
    """
    seen = answers_seen(source)
    for use in uses(source):
        defined = use.sees | use.parsed.granted
        for name, line in use.parsed.needs.items():
            if name not in defined and not _is_githubs(source, use.path, name):
                yield Spot(use.path, line, f"`{name}` is not defined", _advice(source, use, name))
    for need, loops in needs_of_paths(source):
        if need.name not in seen | loops and not need.granted:
            message = f"`{need.name}` in the file's name is not defined"
            yield Spot(need.path, need.line, message, _of_extension(source))
    for need, more in needs_of_settings(source):
        if need.name not in seen | more and not need.granted:
            message = f"`{need.name}` is not defined"
            yield Spot(need.path, need.line, message, _of_extension(source))
    yield from _undefined_in_questions(source)
    for name, line in _needs_of_names(source):
        if name not in source.questions:
            yield Spot(BLUEPRINT_FILE, line, f"`{name}` in a repo's name is no question")


def _advice(source: Source, use: Use, name: str) -> str:
    if use.imported and name in source.questions:
        return f"{use.by} imports this file without its context: hand `{name}` to the macro."
    return _of_extension(source)


def _of_extension(source: Source) -> str:
    """The hint where an extension that was not loaded may define a variable."""
    if not source.not_loaded:
        return ""
    return "Mend the name, or have the extensions loaded that may define it."


def _undefined_in_questions(source: Source) -> Iterator[Spot]:
    seen = answers_seen(source) - frozenset(source.questions)
    for question in source.questions:
        for part, need in needs_of_question(source, question):
            own = part == "validator" and need.name == question
            if need.granted or own or need.name in seen:
                continue
            message, hint = f"`{need.name}` is not defined", _of_extension(source)
            if need.name in source.questions:
                message, hint = f"`{need.name}` has no answer yet when `{question}` is asked", ""
            yield Spot(need.path, need.line, message, hint)
        seen |= {question}


def _needs_of_names(source: Source) -> Iterator[tuple[str, int]]:
    """Variables in the names of the repos, which plain jinja renders strictly."""
    lines = source.texts[BLUEPRINT_FILE].split("\n")
    for part in source.model.repos.values():
        parsed = parse_string(_AS_IT_COMES, part.name)
        line = next((i for i, text in enumerate(lines, 1) if part.name in text), 1)
        for name in parsed.needs if isinstance(parsed, Parsed) else ():
            yield name, line


def unused(source: Source) -> Iterator[Spot]:
    """A question that nothing uses is asked for nothing.

    It counts as used by a template, a file's name, another question, one of copier's settings or
    a repo's name. What scaffold itself supplies or reads (`service`, `owner`, `repo`,
    `siblings`, `environments`, `registry`, `ci_image`) may go unused.
    """
    used = SUPPLIED | set(_used(source))
    for question in source.questions:
        if question not in used:
            yield Spot(*source.place_of(question), f"nothing uses the answer to `{question}`")


def _used(source: Source) -> Iterator[str]:
    not_reached = [
        parse(source.environment, text)
        for path, text in source.texts.items()
        if path.endswith(source.suffix) and path not in source.templates
    ]
    for path, template in source.templates.items():
        if isinstance(template, TemplateSyntaxError):  # what it uses is not known: any of its words
            yield from _WORD.findall(source.texts[path])
    for parsed in (*source.templates.values(), *not_reached):
        if isinstance(parsed, Parsed):
            yield from parsed.needs
            yield from parsed.taken
    for need, _ in (*needs_of_paths(source), *needs_of_settings(source)):
        yield need.name
    for question in source.questions:
        for _, need in needs_of_question(source, question):
            if need.name != question:
                yield need.name
    for name, _ in _needs_of_names(source):
        yield name


def without_help(source: Source) -> Iterator[Spot]:
    """Whoever is asked sees the question's name alone where it has no `help`.

    Questions that nobody is asked (`when: false`, `ask: false`) need none.
    """
    for question, details in source.questions.items():
        asked = details.get("when") is not False and details.get("ask") is not False
        if asked and not str(details.get("help") or "").strip():
            yield Spot(*source.place_of(question), f"the question `{question}` has no help")


def eaten(source: Source) -> Iterator[Spot]:
    """GitHub's `${{ ... }}` outside of `{% raw %}` is taken for an expression of the template.

    Copier fills it in with nothing, and the workflow gets a lone `$`. What other tools write in
    double braces (Helm, Prometheus, Grafana) mostly is no valid template; that is BP102.
    """
    for path, parsed in source.templates.items():
        if isinstance(parsed, Parsed):
            for name, line in parsed.needs.items():
                if _is_githubs(source, path, name):
                    yield Spot(path, line, f"copier fills in `{name}`, which is meant for GitHub")


def _is_githubs(source: Source, path: str, name: str) -> bool:
    """Whether a variable that is not an answer is in a `${{ ... }}` of a template."""
    if name not in _GITHUBS or name in source.questions:
        return False
    start = re.escape("$" + source.environment.variable_start_string)
    lines = source.texts[path].split("\n")
    return any(
        name in names_of(expression) and re.search(start, lines[line - 1])
        for line, expression in expressions(source.environment, source.texts[path])
    )


RULES = (
    Rule(
        "BP201", "Undefined variable",
        "Mend the name, add a question, or say what it is without with `| default(...)`.",
        undefined,
    ),
    Rule(
        "BP202", "Unused question", "Use the answer, or remove the question with a migration.",
        unused,
    ),
    Rule(
        "BP203", "Question without help", "Add a `help:` that says what it changes.",
        without_help,
    ),
    Rule(
        "BP204", "Another tool's braces",
        "Put `{% raw %}` and `{% endraw %}` around it.", eaten,
    ),
)  # fmt: skip
