"""The two renders of an upgrade: as the repo was made, and as it would be made now.

Recorded answers win over new defaults; an answer that the new version does not take gives way to
the default, and every such change is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.errors import RenderError
from scaffold.git.tree import Tree
from scaffold.render.render import Destination, Rendered, render_template
from scaffold.render.source import TemplateVersion

if TYPE_CHECKING:
    from scaffold.render.quick import Earlier


class AnswerChange(StrEnum):
    """Why an answer differs from the recorded one."""

    GIVEN = "given"  # changed by the platform or by --data
    NEW = "new"  # not recorded before: the question is new, or was skipped
    INVALID = "invalid"  # recorded, and not valid any more: the default or what is left is used
    GONE = "gone"  # recorded, and not asked any more
    DEFAULT_CHANGED = "default-changed"  # the recorded answer stays, the default is another one


@dataclass(frozen=True)
class AnswerNote:
    """A note about an answer that is not simply the recorded one."""

    question: str
    change: AnswerChange
    old: Any = None
    new: Any = None


@dataclass(frozen=True)
class Replay:
    """Both renders, with notes about the answers.

    `left_alone` are paths that the old version rendered and that the new one excludes: the template
    stopped owning them, which is no reason to delete them.
    """

    base: Tree
    next: Rendered
    notes: tuple[AnswerNote, ...]
    left_alone: tuple[str, ...]


def replay(
    old: TemplateVersion,
    new: TemplateVersion,
    recorded: Mapping[str, Any],
    given: Mapping[str, Any],
    place: Destination,
    *,
    scratch: Path,
    trust: bool = False,
    migrated: Mapping[str, Any] | None = None,
) -> Replay:
    """Render the recorded version and answers, and the new version with what is `given`.

    `migrated` are the recorded answers after migrations, for the new version only. Raises
    RenderError, AnswerError, UntrustedError.
    """
    from scaffold.render.environment import deterministic_sources
    from scaffold.render.preparation import questions_of
    from scaffold.render.quick import Earlier

    asked_before, asked = questions_of(old), questions_of(new)
    known = {name: value for name, value in given.items() if name in asked}
    now = recorded if migrated is None else migrated
    with deterministic_sources():
        earlier = Earlier()
        after = render_template(
            new, known, place, scratch=scratch, recorded=now, trust=trust, earlier=earlier
        )
        secrets = _secrets(asked_before, recorded, {**given, **after.answers})
        base = _render_old(old, secrets, recorded, place, scratch, trust=trust, earlier=earlier)
        left_alone = _disowned(new, asked, base, after, now, place, scratch, trust=trust)
    for path in left_alone:
        del base[path]
    notes = _notes(asked_before, asked, now, after.answers, known)
    return Replay(base, after, notes, left_alone)


def _render_old(
    old: TemplateVersion,
    secrets: Mapping[str, Any],
    recorded: Mapping[str, Any],
    place: Destination,
    scratch: Path,
    *,
    trust: bool,
    earlier: "Earlier",
) -> Tree:
    try:
        return render_template(
            old, secrets, place, scratch=scratch, recorded=recorded, trust=trust, earlier=earlier
        ).tree
    except RenderError as error:
        raise RenderError(
            error.what,
            where=error.where,
            hint="The repo was made from that version. Where it can't be fixed, link the repo"
            " afresh with `scaffold adopt`.",
        ) from error


def _secrets(
    asked: Mapping[str, Mapping[str, Any]], recorded: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Secret answers, which are the same in the old render as in the new one.

    So a random secret, or one given by hand, is not a change.
    """
    return {
        name: known[name]
        for name, details in asked.items()
        if details.get("secret") and name in known and name not in recorded
    }


def _disowned(
    new: TemplateVersion,
    asked: Mapping[str, Any],
    base: Tree,
    after: Rendered,
    recorded: Mapping[str, Any],
    place: Destination,
    scratch: Path,
    *,
    trust: bool,
) -> tuple[str, ...]:
    """Paths that the new version excludes even with the recorded answers.

    A path that it excludes only because an answer changed is removed like any other file.
    """
    gone = [path for path in base if path not in after.tree and after.excluded(path)]
    if not gone:
        return ()
    as_it_was = {**after.answers, **recorded}
    answers = {name: value for name, value in as_it_was.items() if name in asked}
    excluded = render_template(
        new, {}, place, scratch=scratch, recorded=answers, trust=trust
    ).excluded
    return tuple(path for path in gone if excluded(path))


def _notes(
    before: Mapping[str, Mapping[str, Any]],
    asked: Mapping[str, Mapping[str, Any]],
    recorded: Mapping[str, Any],
    answers: Mapping[str, Any],
    given: Mapping[str, Any],
) -> tuple[AnswerNote, ...]:
    notes = []
    for name, details in asked.items():
        secret = bool(details.get("secret"))
        if name in recorded:
            note = _note_on_recorded(name, before, details, recorded, answers, given)
            if note is not None:
                notes.append(note)
        elif name in answers and not (secret and name in before):
            value = "(secret)" if secret else answers[name]
            notes.append(AnswerNote(name, AnswerChange.NEW, new=value))
    gone = [name for name in recorded if name not in answers]
    notes += [AnswerNote(name, AnswerChange.GONE, old=recorded[name]) for name in gone]
    return tuple(notes)


def _note_on_recorded(
    name: str,
    before: Mapping[str, Mapping[str, Any]],
    details: Mapping[str, Any],
    recorded: Mapping[str, Any],
    answers: Mapping[str, Any],
    given: Mapping[str, Any],
) -> AnswerNote | None:
    old = recorded[name]
    if name not in answers:
        return None
    new = answers[name]
    if new != old:
        change = AnswerChange.GIVEN if name in given else AnswerChange.INVALID
        return AnswerNote(name, change, old, new)
    was, now = before.get(name, {}).get("default"), details.get("default")
    news = name in before and was != now and now != old
    if news and name not in given and not details.get("secret"):
        return AnswerNote(name, AnswerChange.DEFAULT_CHANGED, was, now)
    return None
