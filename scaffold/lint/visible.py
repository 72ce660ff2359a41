"""The variables that a template sees where it is rendered, included or imported."""

from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.lint.jinja import Parsed, parse, parse_string
from scaffold.lint.keys import Text
from scaffold.lint.source import Source

# Copier's variables beside the answers; a wrong name here would hide undefined ones.
COPIERS_OWN = frozenset(
    {
        "_copier_answers", "_copier_conf", "_copier_phase", "_copier_python", "_external_data",
        "_folder_name", "make_secret", "now",
    }
)  # fmt: skip
# More variables of copier's tasks, migrations and exclusions.
OF_TASKS = frozenset(
    {
        "_copier_operation", "_stage", "_version_current", "_version_from",
        "_version_pep440_current", "_version_pep440_from", "_version_pep440_to", "_version_to",
    }
)  # fmt: skip
# Settings whose strings copier renders.
TEMPLATED_SETTINGS = (
    "_answers_file", "_exclude", "_external_data", "_message_after_copy", "_message_after_update",
    "_message_before_copy", "_message_before_update", "_migrations", "_skip_if_exists",
    "_subdirectory", "_tasks",
)  # fmt: skip


@dataclass(frozen=True)
class Use:
    """One use of a template: what it sees, and the template that includes it, if any."""

    path: str
    parsed: Parsed
    sees: frozenset[str]
    by: str | None = None
    imported: bool = False


@dataclass(frozen=True)
class Need:
    """A variable that a place needs; `granted` where it may be undefined."""

    name: str
    path: str
    line: int
    granted: bool


def uses(source: Source) -> Iterator[Use]:
    """Each use of each template."""
    done: set[tuple[str, frozenset[str]]] = set()
    waiting = [
        Use(path, parsed, answers_seen(source) | loops_of(source, inner))
        for path, inner in source.repo_files()
        if isinstance(parsed := source.templates.get(path), Parsed)
    ]
    while waiting:
        use = waiting.pop()
        if (use.path, use.sees) in done:
            continue
        done.add((use.path, use.sees))
        yield use
        for reference in use.parsed.references:
            parsed = source.templates.get(reference.target or "")
            if isinstance(parsed, Parsed) and reference.target is not None:
                sees = use.sees | use.parsed.binds if reference.sees_context else frozenset[str]()
                waiting.append(
                    Use(reference.target, parsed, sees, use.path, not reference.sees_context)
                )


def answers_seen(source: Source) -> frozenset[str]:
    """The variables of a template that is rendered on its own."""
    return COPIERS_OWN | frozenset(source.questions)


def loops_of(source: Source, path: str) -> frozenset[str]:
    """The variables of the `yield` tags in a path, which it is repeated for."""
    loops: set[str] = set()
    for part in path.split("/"):
        if source.environment.block_start_string in part:
            parsed = parse(source.environment, part)
            loops |= parsed.yielded if isinstance(parsed, Parsed) else frozenset()
    return frozenset(loops)


def needs_of_paths(source: Source) -> Iterator[tuple[Need, frozenset[str]]]:
    """The variables in file names, and the loops that they are in."""
    for path, inner in source.repo_files():
        for part in inner.removesuffix(source.suffix).split("/"):
            for need in needs_of_text(source, Text(path, 1, part)):
                yield need, loops_of(source, inner)


def needs_of_settings(source: Source) -> Iterator[tuple[Need, frozenset[str]]]:
    """The variables in copier's settings, and those that these see beside the answers."""
    for key in TEMPLATED_SETTINGS:
        for text in source.texts_at(key):
            for need in needs_of_text(source, text):
                yield need, OF_TASKS


def needs_of_question(source: Source, question: str) -> Iterator[tuple[str, Need]]:
    """The variables in the parts of a question, by the name of the part."""
    for part in source.questions[question]:
        for text in source.texts_at(question, part):
            for need in needs_of_text(source, text):
                yield part, need


def needs_of_text(source: Source, text: Text) -> Iterator[Need]:
    """The variables in a string, and in the files that it includes."""
    parsed = parse_string(source.environment, text.text)
    if not isinstance(parsed, Parsed):
        return
    for name, line in parsed.needs.items():
        yield Need(name, text.path, text.line_of(line), name in parsed.granted)
    waiting = [(parsed, frozenset[str]())]
    done = set()
    while waiting:
        parent, bound = waiting.pop()
        for reference in parent.references:
            child = source.templates.get(reference.target or "")
            if (
                isinstance(child, Parsed)
                and reference.sees_context
                and reference.target not in done
            ):
                done.add(reference.target)
                hidden = bound | parent.binds
                waiting.append((child, hidden))
                for name, line in child.needs.items():
                    yield Need(name, str(reference.target), line, name in hidden | child.granted)
