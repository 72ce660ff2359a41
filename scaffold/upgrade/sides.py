"""The files of a template's renders that take part in the merge.

Not machine-owned files, whatever a template or a task writes there; not files that the repo's
`.gitignore` matches, such as one with a secret, unless the owner tracks them; and not files that
git stores in another form than they are rendered in, as git-lfs and git-crypt have it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from scaffold.config.blueprint import BLUEPRINT_FILE, PinKind
from scaffold.errors import ConfigError
from scaffold.git.ignores import ignored, rule_places
from scaffold.git.tree import CommitTree, Entry, Tree
from scaffold.merge.attributes import ATTRIBUTES_NAME, FILES, conversions
from scaffold.merge.decisions import Decision, Kind
from scaffold.merge.trees import Merged, Rules, merge_trees
from scaffold.render.candidate import blueprint_of
from scaffold.render.source import TemplateVersion

Owns = Callable[[str], bool]
_OF_THE_BOT = "the bot's own file: no blueprint changes it"
_NOT_ADDED = ".gitignore names it: make it yourself where you need it, or add it with --force"
_NOT_CONVERTED = (
    ".gitattributes has {} for it, which is not run here: bring the change by hand, and add it"
)


def bots_own(version: TemplateVersion, answers: Mapping[str, Any]) -> Owns:
    """A predicate for the paths that are the bot's, by the repo's blueprint."""
    pin = _pin(version, answers)
    return pin.owns if pin else lambda _: False


def _pin(version: TemplateVersion, answers: Mapping[str, Any]) -> PinKind | None:
    """The pin of a repo; a template that is not a blueprint may have any file of that name."""
    if (version.folder / BLUEPRINT_FILE).is_file():
        with suppress(ConfigError):
            part = blueprint_of(version.folder).repos.get(str(answers.get("repo")))
            return part.pin if part else None
    return None


def merge_sides(
    base: Tree,
    theirs: Tree,
    ours: Mapping[str, Entry],
    rules: Rules,
    owned: Owns,
    *,
    whole: CommitTree,
    folder: str,
    scratch: Path,
) -> tuple[Merged, Tree, Tree]:
    """Merge the files that take part, and list the others; with both sides as merged.

    `ours` are the files of the project, `whole` those of the repo that it is the `folder` of.
    """
    not_merged = [Decision(path, Kind.PIN, _OF_THE_BOT) for path in _changed(base, theirs, owned)]
    base, theirs = _without(base, owned), _without(theirs, owned)
    kept_converted = converted(base, theirs, whole, folder)
    not_merged += [
        Decision(path, Kind.CONVERTED, _NOT_CONVERTED.format(by))
        for path, by in kept_converted.items()
    ]
    base, theirs = (_without(side, kept_converted.__contains__) for side in (base, theirs))
    ours = _Hiding(ours, owned)
    merged = merge_trees(base, theirs, ours, rules)
    new = {path for path in (*base, *theirs) if path not in ours}
    left_out = ignored_paths(new, merged.changes, ours, whole, folder, scratch)
    if left_out:
        not_merged += [
            Decision(path, Kind.IGNORED, _NOT_ADDED)
            for path in left_out & theirs.keys()
            if theirs[path] != base.get(path)
        ]
        base = _without(base, left_out.__contains__)
        theirs = _without(theirs, left_out.__contains__)
        merged = merge_trees(base, theirs, ours, rules)
    return _with_decisions(merged, not_merged), base, theirs


def without_bots(merged: Merged, owned: Owns) -> Merged:
    """The result of migrations, without their changes to the bot's files."""
    touched = [path for path in merged.changes if owned(path)]
    if not touched:
        return merged
    kept = replace(
        merged,
        changes={path: entry for path, entry in merged.changes.items() if not owned(path)},
        decisions=tuple(decision for decision in merged.decisions if not owned(decision.path)),
    )
    return _with_decisions(kept, [Decision(path, Kind.PIN, _OF_THE_BOT) for path in touched])


def _with_decisions(merged: Merged, more: list[Decision]) -> Merged:
    decisions = sorted((*merged.decisions, *more), key=lambda decision: decision.path)
    return replace(merged, decisions=tuple(decisions)) if more else merged


def _without(tree: Tree, left_out: Owns) -> Tree:
    return {path: entry for path, entry in tree.items() if not left_out(path)}


def _changed(base: Tree, theirs: Tree, wanted: Owns = lambda _: True) -> list[str]:
    return [
        path for path in {**base, **theirs} if wanted(path) and base.get(path) != theirs.get(path)
    ]


def converted(base: Tree, theirs: Tree, whole: CommitTree, folder: str) -> dict[str, str]:
    """The changed paths that git would store converted, and by which attribute.

    By the attributes files of the repo and those that the template changes: either side's rule
    makes what is rendered another file than what belongs into a commit.
    """
    prefix = f"{folder}/" if folder else ""
    paths = {prefix + path: path for path in _changed(base, theirs)}
    files: dict[str, bytes] = {}
    for place in rule_places(paths, ATTRIBUTES_NAME):
        inside = place.removeprefix(prefix)
        new = theirs.get(inside) if place.startswith(prefix) else None
        sides = [whole.get(place), None if new == base.get(inside) else new]
        files[place] = b"\n".join(entry.data for entry in sides if entry and entry.mode in FILES)
    return {paths[path]: by for path, by in conversions(paths, files).items()}


def ignored_paths(
    new: set[str],
    changes: Mapping[str, Entry | None],
    ours: Mapping[str, Entry],
    whole: CommitTree,
    folder: str,
    scratch: Path,
) -> frozenset[str]:
    """The new paths that the `.gitignore` of the result matches, or one further up.

    The result is what the `changes` make of `ours`.
    """
    prefix = f"{folder}/" if folder else ""
    rules: dict[str, Entry | None] = {}
    for place in rule_places([prefix + path for path in new]):
        inside = place.removeprefix(prefix)
        if not place.startswith(prefix):
            rules[place] = whole.get(place)
        elif inside in changes:
            rules[place] = changes[inside]
        else:
            rules[place] = ours.get(inside)
    there = {place: entry for place, entry in rules.items() if entry is not None}
    matched = ignored([prefix + path for path in new], there, scratch)
    return frozenset(path.removeprefix(prefix) for path in matched)


class _Hiding(Mapping[str, Entry]):
    """A mapping of files that hides some, and reads files on access."""

    def __init__(self, files: Mapping[str, Entry], hidden: Owns) -> None:
        self._files = files
        self._hidden = hidden

    def __getitem__(self, path: str) -> Entry:
        if self._hidden(path):
            raise KeyError(path)
        return self._files[path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and not self._hidden(path) and path in self._files

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._files if not self._hidden(path))

    def __len__(self) -> int:
        return sum(1 for _ in self)
