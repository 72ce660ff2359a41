"""Release notes as text: plain for commits, logs and messages, Markdown for merge requests. Pure.

What others wrote stands in it, and is made inert.
"""

from collections.abc import Callable, Iterator

from scaffold.chain.commits import CommitNote
from scaffold.chain.notes import Commits, ReleaseNotes, RepoNotes
from scaffold.chain.quoting import code_block, code_span, inert, one_line

_SHORT = 12  # characters of a commit id
_MOST_LINES, _MOST_LETTERS = 200, 12_000
_OF_THE_BOT = "scaffold writes that file whole: what is yours belongs into another one"


def plain_lines(notes: ReleaseNotes) -> Iterator[str]:
    """One paragraph a repo, then the images, then how much of the rendered objects changes."""
    for one in notes.repos:
        yield f"{one.name} {_range(one)}"
        yield from _listed(one, _plain)
    if notes.image_before != notes.image_after:
        yield f"image {notes.image_before or 'none'} -> {notes.image_after or 'none'}"
    if notes.diff:
        yield f"rendered: {summary(notes.diff)}"
    if notes.dropped:
        yield f"{notes.warning} ({_OF_THE_BOT}):"
        yield from (f"- {inert(one_line(line))}" for line in _cut(notes.dropped))


def markdown(notes: ReleaseNotes) -> str:
    """The same, with links, and the rendered difference folded and cut at a size."""
    told: list[str] = []
    for one in notes.repos:
        told.append(f"**{one.name}** {code_span(_range(one))}")
        told.append("\n".join(_listed(one, _linked)))
    if notes.image_before != notes.image_after:
        before, after = notes.image_before or "none", notes.image_after or "none"
        told.append(f"**image** {code_span(before)} -> {code_span(after)}")
    if notes.diff:
        told.append(_folded(notes))
    if notes.dropped:
        told.append(f"**Warning**: this {notes.warning}; {_OF_THE_BOT}.")
        told.append(code_block(_cut(notes.dropped), "yaml"))
    return "".join(f"{part}\n\n" for part in told if part)


def summary(diff: tuple[str, ...]) -> str:
    """How much a rendered difference changes."""
    objects = sum(line.startswith("# ") for line in diff)
    comes, goes = (sum(line.startswith(sign) for line in diff) for sign in "+-")
    return f"{_many(comes, 'line')} added, {goes} removed, in {_many(objects, 'object')}"


def _folded(notes: ReleaseNotes) -> str:
    shown = _cut(notes.diff)
    left = len(notes.diff) - len(shown)
    more = (
        f"\n\n{_many(left, 'more line')}: `scaffold promote {notes.service} --to {notes.place}"
        " --dry-run` shows all.\n"
        if left
        else "\n"
    )
    head = f"<details><summary>Rendered: {summary(notes.diff)}</summary>"
    return f"{head}\n\n{code_block(shown, 'diff')}{more}\n</details>"


def _cut(diff: tuple[str, ...]) -> list[str]:
    shown: list[str] = []
    letters = 0
    for line in diff[:_MOST_LINES]:
        letters += len(line) + 1
        if letters > _MOST_LETTERS:
            break
        shown.append(line)
    return shown


def _range(one: RepoNotes) -> str:
    return f"{(one.old or 'none')[:_SHORT]} -> {one.new[:_SHORT]}"


def _listed(one: RepoNotes, line: Callable[[CommitNote], str]) -> Iterator[str]:
    yield from (f"- {line(commit)}" for commit in one.comes.listed)
    yield from _rest(one.comes)
    if one.goes.listed or one.goes.more or one.goes.moves:
        yield "- taken out:"
        yield from (f"  - {line(commit)}" for commit in one.goes.listed)
        yield from (f"  {rest}" for rest in _rest(one.goes))


def _rest(commits: Commits) -> Iterator[str]:
    if commits.more:
        yield f"- and {_many(commits.more, 'more commit')}"
    if commits.moves:
        yield f"- and {_many(commits.moves, 'move')} of its pin"


def _plain(commit: CommitNote) -> str:
    author = f" ({inert(commit.author)})" if commit.author else ""
    return f"{commit.id[:_SHORT]} {inert(commit.subject)}{author}"


def _linked(commit: CommitNote) -> str:
    name = f"`{commit.id[:_SHORT]}`"
    link = f"[{name}]({commit.page})" if commit.page else name
    author = f" by {code_span(commit.author)}" if commit.author else ""
    return f"{link} {code_span(commit.subject)}{author}"


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
