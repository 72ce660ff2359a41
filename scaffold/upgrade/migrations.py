"""The changes that a template's migrations make to a repo, as decisions about its files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pygit2.enums import FileMode

from scaffold.git.folders import links_out
from scaffold.git.tree import Entry
from scaffold.merge.decisions import Conflict, ConflictKind, Decision, Kind
from scaffold.merge.trees import Merged
from scaffold.render.source import TemplateVersion
from scaffold.render.tasks import run_migrations


def migrate(
    stage: Literal["before", "after"],
    files: Mapping[str, Entry],
    name: str,
    merged: Merged,
    versions: tuple[TemplateVersion, TemplateVersion],
    answers: Mapping[str, Any],
    *,
    trust: bool,
    scratch: Path,
) -> Merged:
    """The files of a repo after the migrations of a stage.

    `files` are those of the repo, `name` is the name of their folder, `merged` the result so far.
    Raises as `run_migrations` does.
    """
    from scaffold.render.commands import has_migrations

    if not has_migrations(versions[1]):
        return merged
    before = merged.applied_to(files)
    after = run_migrations(stage, before, name, versions, answers, trust=trust, scratch=scratch)
    return merged if after is None else _with_changes(merged, before, after)


def _with_changes(
    merged: Merged, before: Mapping[str, Entry], after: Mapping[str, Entry]
) -> Merged:
    changes = dict(merged.changes)
    decisions = list(merged.decisions)
    conflicts = dict.fromkeys(merged.conflicts)
    in_conflict = {conflict.path for conflict in conflicts}
    not_there = frozenset(links_out(before))
    for path in sorted({*before, *after}):
        entry = after.get(path)
        if link := _at_or_above(path, not_there):
            if path in after:
                detail = "a migration made something in its place"
                conflicts[Conflict(link, ConflictKind.TYPE, detail)] = None
            continue
        if entry is None and path in in_conflict:
            continue  # it must not be deleted, as a person has to look at it
        if before.get(path) != entry and before.get(path, Entry.file(b"")).mode != FileMode.COMMIT:
            changes[path] = entry
            decisions.append(Decision(path, Kind.TASK))
    return Merged(changes, tuple(decisions), tuple(conflicts))


def _at_or_above(path: str, links: Iterable[str]) -> str | None:
    """The link at a path or above it, or None."""
    return next((link for link in links if path == link or path.startswith(f"{link}/")), None)
