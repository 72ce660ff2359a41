"""The text of an upgrade's merge request."""

import re
from collections.abc import Iterator
from typing import Any

from scaffold.merge.decisions import shown
from scaffold.redaction import redacted
from scaffold.render.replay import AnswerChange, AnswerNote
from scaffold.upgrade.plan import UpgradePlan, template_name

_HEADING = re.compile(r"(#{1,5}) ")
_LONGEST = 60_000  # characters; GitHub's limit is 65,536, GitLab's is higher
_SENTENCES = {
    AnswerChange.GIVEN: "`{question}`: {old} becomes {new}",
    AnswerChange.NEW: "`{question}` is recorded for the first time: {new}",
    AnswerChange.INVALID: "`{question}`: {old} is not valid any more, it is {new} now",
    AnswerChange.GONE: "`{question}` is not asked any more (it was {old})",
    AnswerChange.DEFAULT_CHANGED: "`{question}` stays as recorded; its default was {old}, is {new}",
}


def target_mark(plan: UpgradePlan) -> str:
    """A hidden mark in the text that identifies the target."""
    return f"<!-- scaffold-target: {plan.new.commit} {plan.answers_digest} -->"


def note_line(note: AnswerNote) -> str:
    """A note about an answer, in one line."""
    return _SENTENCES[note.change].format(
        question=note.question, old=_short(note.old), new=_short(note.new)
    )


def request_body(plan: UpgradePlan, siblings: tuple[str, ...]) -> str:
    """Conflicts first, then answers, what changed and why, and the blueprint's changelog."""
    text = redacted(shown("\n".join(_lines(plan, siblings))))
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "\n\n(The rest was cut off.)"
    return f"{text}\n\n{target_mark(plan)}\n"


def _lines(plan: UpgradePlan, siblings: tuple[str, ...]) -> Iterator[str]:
    name = template_name(plan.template)
    if plan.heals:
        yield f"{name} {plan.new.name}, of {plan.template}, renders these files so. To keep one as"
        yield "it is, take it out of this branch, and name it under `owned` in `.scaffold.yml`."
    else:
        yield f"{name} {plan.old.name} -> {plan.new.name}, of {plan.template}"
    if plan.merged.conflicts:
        yield "\n## Conflicts: a person has to look at these\n"
        for conflict in plan.merged.conflicts:
            detail = f" ({conflict.detail})" if conflict.detail else ""
            yield f"- `{conflict.path}`: {conflict.kind.words}{detail}: {conflict.advice}"
        yield "\nIn a checkout of this branch, `scaffold upgrade --resolve` opens them for"
        yield "`git mergetool`."
    if plan.notes:
        yield "\n## Answers\n"
        yield from (f"- {note_line(note)}" for note in plan.notes)
    if not (plan.merged.conflicts or plan.notes or plan.merged.decisions):
        yield "\nNothing changes here but the version that is recorded."
    if plan.merged.decisions:
        yield "\n## Files\n"
        for decision in plan.merged.decisions:
            detail = f": {decision.detail}" if decision.detail else ""
            yield f"- `{decision.path}`: {decision.kind}{detail}"
    if changes := _below(plan.changelog):
        yield f"\n## Changes of the blueprint\n\n{changes}"
    if siblings and not plan.heals:
        yield "\n## The other repos of this service\n"
        yield from (f"- {url}" for url in siblings)
        yield "\nThose that this changes have merge requests too, of branches of this name."


def _below(changelog: str) -> str:
    """A changelog as a part of a text: headings a level lower, empty ones left out."""
    kept: list[str] = []
    for line in reversed(changelog.splitlines()):
        level = _HEADING.match(line)
        if level is None:
            kept.append(line)
            continue
        below = next((line for line in reversed(kept) if line), None)
        next_level = _HEADING.match(below) if below is not None else None
        if below is not None and (next_level is None or len(next_level[1]) > len(level[1]) + 1):
            kept.append(f"#{line}")
    return "\n".join(reversed(kept)).strip()


def _short(value: Any) -> str:
    text = str(value)
    return f"`{text[:60]}...`" if len(text) > 60 else f"`{text}`"
