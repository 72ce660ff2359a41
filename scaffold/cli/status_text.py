"""What `scaffold status` prints for a person."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from scaffold.chain.words import age
from scaffold.cli.output import table
from scaffold.status.line import ServiceLine
from scaffold.status.remarks import remarks
from scaffold.status.standing import Standing, in_order, standing
from scaffold.status.versions import Versions

_SHORT = 12  # characters of a commit id
_RUNS = ("SERVICE", "ENVIRONMENT", "CODE", "LAST DEPLOY", "AGE", "AUTHOR", "SUBJECT")
_SCREEN = 20  # services; where there are more, those that are fine are counted


def status_text(
    lines: Sequence[ServiceLine],
    environments: tuple[str, ...],
    now: datetime,
    *,
    whole: bool,
    sort: str | None = None,
) -> Iterator[str]:
    """A table of services, what each waits for, and which code runs where.

    Of many services those alone that are not fine, the ones that need somebody first; the others
    are counted. `whole` shows all; `sort` says what comes first, see `in_order`.
    """
    shown = in_order(lines, sort or "name")
    if len(lines) > _SCREEN and not whole:
        shown = [
            line for line in in_order(lines, sort or "need") if standing(line) is not Standing.FINE
        ]
    if shown:
        yield from _services(shown, environments)
    for line in shown:
        yield from remarks(line)
    if len(shown) <= _SCREEN and (runs := list(_runs(shown, environments, now))):
        yield ""
        yield from table(_RUNS, runs)
    for line in shown:
        yield from _story(line, now)
    if left_out := len(lines) - len(shown):
        if shown:
            yield ""
        yield _counts(lines, left_out)


def _services(lines: Sequence[ServiceLine], environments: tuple[str, ...]) -> list[str]:
    first = ("SERVICE", "OWNER", "BLUEPRINT", "VERSION", "STATE")
    rows = [
        (
            line.service,
            line.owner or "-",
            line.blueprint or "-",
            _version(line.versions),
            line.state,
            *((line.code(name) or "-")[:_SHORT] for name in environments),
        )
        for line in lines
    ]
    return table((*first, *(name.upper() for name in environments)), rows)


def _version(versions: Versions) -> str:
    """The oldest version that a repo records, how many came since, and what is held back."""
    behind = f"{versions.behind} behind" if versions.behind else ""
    held = f"{versions.held} held back" if versions.held else ""
    return ", ".join(filter(None, [versions.oldest or "-", behind, held]))


def _story(line: ServiceLine, now: datetime) -> Iterator[str]:
    """What happened to a service, newest first."""
    if not line.timeline:
        return
    rows = [
        (
            age(now - one.commit.when),
            one.commit.author,
            one.repo if one.place == one.repo else f"{one.repo}: {one.place}",
            " ".join(filter(None, [one.what.replace("-", " "), one.code[:_SHORT], one.versions])),
            one.commit.id[:_SHORT],
            one.commit.subject,
        )
        for one in line.timeline[:_SCREEN]
    ]
    yield ""
    yield from table(("AGE", "WHO", "WHERE", "WHAT", "COMMIT", "SUBJECT"), rows)
    if older := len(line.timeline) - len(rows):
        yield f"and {older} older; --output json has up to 100"


def _counts(lines: Sequence[ServiceLine], left_out: int) -> str:
    """How a fleet stands of which those that are fine are not shown."""
    need = sum(standing(line) is Standing.NEEDS_SOMEBODY for line in lines)
    return (
        f"{need:,} of {len(lines):,} services need somebody, {len(lines) - left_out - need:,} move"
        f" by themselves, {left_out:,} are fine; with --all they are listed, too."
    )


def _runs(
    lines: Sequence[ServiceLine], environments: tuple[str, ...], now: datetime
) -> Iterator[tuple[str, ...]]:
    """Which code runs where, and when that came there."""
    for one in lines:
        for name in environments:
            if sources := one.sources.get(name, ()):
                note, commit = sources[-1].note, sources[-1].commit[:_SHORT]
                told = (age(now - note.when), note.author, note.subject) if note else ("-",) * 3
                last = one.deploys.get(name)
                deploy = f"{last.word}, {age(now - last.commit.when)}" if last else "-"
                yield (one.service, name, commit, deploy, *told)
