"""Rules about changes since the last release."""

from collections.abc import Iterator, Mapping
from typing import Any

from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.config.yaml_reader import read_yaml
from scaffold.git.tree import Entry
from scaffold.lint.released import Release
from scaffold.lint.renders import choices_of
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source
from scaffold.lint.variables import SUPPLIED
from scaffold.render.changelog import CHANGELOG_FILE, says_breaking, sections, to_come
from scaffold.render.source import parse_version
from scaffold.similar import close_match

_SIMPLE_TYPES = frozenset({"bool", "float", "int", "str"})


def no_entry(source: Source) -> Iterator[Spot]:
    """Who gets a merge request of an upgrade reads in it what CHANGELOG.md says.

    If what services are made from differs from the last tag, there is an entry in the section
    `Unreleased`, or in that of a version after the tag. The blueprint's own tests and pages are no
    part of services. Without a tag nothing is asked for.
    """
    released = source.released
    if released is None or not _differs(source, released):
        return
    text = source.texts.get(CHANGELOG_FILE)
    if text is None:
        yield Spot(CHANGELOG_FILE, 1, f"is missing, and there are changes since {released.tag}")
    elif not any(section.has_entries for section in to_come(text, released.version)):
        line = next((section.line for section in sections(text) if section.version is None), 1)
        yield Spot(CHANGELOG_FILE, line, f"has no entry for the changes since {released.tag}")


def _differs(source: Source, released: Release) -> bool:
    folders = tuple(f"{root}/" if root else "" for root in source.roots.values())
    named = {source.questions_file, *source.templates}
    paths = {
        path
        for path in source.tree.keys() | released.tree.keys()
        if path.startswith(folders) or path in named
    } - {BLUEPRINT_FILE, CHANGELOG_FILE}
    if any(source.tree.get(path) != released.tree.get(path) for path in paths):
        return True
    return _settings(source.tree.get(BLUEPRINT_FILE)) != _settings(
        released.tree.get(BLUEPRINT_FILE)
    )


def _settings(entry: Entry | None) -> dict[str, Any]:
    """The settings of blueprint.yml, without those of lint."""
    settings = read_yaml(entry.data, source=BLUEPRINT_FILE) if entry else {}
    return {key: value for key, value in settings.items() if key != "lint"}


def breaking(source: Source) -> Iterator[Spot]:
    """A recorded answer that the next version does not take is lost in the upgrade.

    Compared with the last tag: a question is gone (or renamed), has another type, lost a choice,
    or is new and has no default. That is fine where a `_migrations` entry of copier.yml for a
    version after the tag carries the answer over, or where CHANGELOG.md says that the next
    version breaks something: by a higher major number, a heading `### Removed`, or the word
    `BREAKING`.
    """
    released = source.released
    if released is None or _is_carried_over(source, released):
        return
    for name, message in breaks(released.questions, source.questions):
        yield Spot(*source.place_of(name), f"{message} since {released.tag}")


def _is_carried_over(source: Source, released: Release) -> bool:
    if says_breaking(source.texts.get(CHANGELOG_FILE, ""), released.version):
        return True
    before = released.settings.get("migrations", [])
    for migration in source.settings.get("migrations", []):
        named = migration.get("version") if isinstance(migration, Mapping) else None
        version = parse_version(str(named)) if named is not None else None
        if version is None and migration not in before:
            return True
        if version is not None and version > released.version:
            return True
    return False


def breaks(
    before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Each question with a breaking change, and the change."""
    for name, old in before.items():
        if not _is_recorded(old) or name == "repo":
            continue
        if name not in now or not _is_recorded(now[name]):
            close = close_match(name, now.keys() - before.keys())
            renamed = f" (renamed to `{close}`?)" if close else ""
            yield name, f"the question `{name}` is gone{renamed}"
        elif message := _break_of(old, now[name]):
            yield name, f"the question `{name}` {message}"
    for name, new in now.items():
        unanswered = "default" not in new and name not in SUPPLIED
        if name not in before and unanswered and _is_recorded(new):
            yield name, f"the question `{name}`, which has no default, is new"


def _is_recorded(details: Mapping[str, Any]) -> bool:
    return details.get("when") is not False and not details.get("secret")


def _break_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    types = _type(old), _type(new)
    if types[0] != types[1] and types != ("int", "float"):
        return f"has the type {types[1]}, not {types[0]},"
    if bool(old.get("multiselect")) != bool(new.get("multiselect")):
        return "takes one answer, not several, or the other way round,"
    if not new.get("choices") or isinstance(new["choices"], str):
        return None
    taken = choices_of(new)
    if not old.get("choices"):
        return "takes only its choices"
    if gone := [str(choice) for choice in choices_of(old) if choice not in taken]:
        return f"lost the choice `{'`, `'.join(gone)}`"
    return None


def _type(details: Mapping[str, Any]) -> str:
    """The type that is given, else that of the default, as in copier."""
    named = details.get("type")
    if isinstance(named, str) and named:
        return named
    own = type(details.get("default")).__name__
    return own if own in _SIMPLE_TYPES else "yaml"


RULES = (
    Rule(
        "BP701", "No CHANGELOG entry",
        "Say under `## [Unreleased]` what changes for services.", no_entry,
    ),
    Rule(
        "BP702", "Question that breaks recorded answers",
        "Add a migration, or say in CHANGELOG.md that it breaks.", breaking,
    ),
)  # fmt: skip
