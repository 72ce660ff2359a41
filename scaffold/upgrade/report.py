"""The report of an upgrade: one entry a template of a repo, plain data that travels anywhere."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How it ended for one repo."""

    CURRENT = "current"
    AHEAD = "ahead"
    WOULD_CHANGE = "would-change"
    WOULD_CONFLICT = "would-conflict"
    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICTS = "conflicts"  # a draft is open, or up to date, with markers in it
    HELD = "held"
    MUTED = "muted"
    FAILED = "failed"


MEANING = {
    Result.CURRENT: "up to date",
    Result.AHEAD: "newer than the target: left alone",
    Result.WOULD_CHANGE: "would get a merge request",
    Result.WOULD_CONFLICT: "would get a draft with conflicts",
    Result.OPENED: "merge request opened",
    Result.UPDATED: "merge request brought up to date",
    Result.UNCHANGED: "merge request is open already",
    Result.CONFLICTS: "draft with conflicts: a person has to look",
    Result.HELD: "somebody has pushed to the branch: left alone",
    Result.MUTED: "somebody has closed the merge request: left alone",
    Result.FAILED: "failed",
}
_NEEDS_A_PERSON = frozenset({Result.CONFLICTS, Result.WOULD_CONFLICT, Result.FAILED})


@dataclass(frozen=True)
class Line:
    """A path, a kind of decision or conflict, and what is to be said about it."""

    path: str
    kind: str
    detail: str = ""


@dataclass(frozen=True)
class RepoReport:
    """What became of one template of one repo.

    `target` is what names the repo on the command line; `cause` is the reference of the error that
    it failed with, `message` its words.
    """

    target: str
    repo: str
    result: Result
    service: str = ""
    template: str = ""
    old: str = ""
    new: str = ""
    cause: str = ""
    message: str = ""
    branch: str = ""
    request: str = ""
    notes: tuple[str, ...] = ()
    decisions: tuple[Line, ...] = ()
    conflicts: tuple[Line, ...] = ()
    not_checked: tuple[str, ...] = ()
    diff: str = ""


@dataclass(frozen=True)
class Report:
    """What became of a whole run; `left` are services that a later wave will take."""

    repos: tuple[RepoReport, ...]
    dry_run: bool = False
    stopped: bool = False
    left: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no repo failed or waits for a person with conflicts."""
        return not any(one.result in _NEEDS_A_PERSON for one in self.repos)

    @property
    def count(self) -> dict[Result, int]:
        """How many ended how, in the order of the results."""
        found = Counter(one.result for one in self.repos)
        return {result: found[result] for result in Result if found[result]}


def summary(report: Report) -> list[str]:
    """How many repos ended how, and those that failed, by cause."""
    lines = [f"{number:5} {MEANING[result]}" for result, number in report.count.items()]
    for cause in dict.fromkeys(one.cause for one in report.repos if one.cause):
        failed = [one for one in report.repos if one.cause == cause]
        lines += ["", f"{cause}: {len(failed)} failed"]
        for one in failed:
            first, *rest = one.message.splitlines() or [""]
            lines += [f"  {one.repo}: {first}", *(f"    {line}" for line in rest)]
    if report.left:
        lines += ["", f"Left for a later wave: {len(report.left)} services"]
    if report.stopped:
        lines += ["", "Stopped: run it again for the rest."]
    return lines


def details(one: RepoReport) -> list[str]:
    """What is to be said about one repo beyond its row."""
    return [
        *(f"  {note}" for note in one.notes),
        *(f"  conflict  {line.path}: {line.kind}{_more(line.detail)}" for line in one.conflicts),
        *(f"  not checked  {name}" for name in one.not_checked),
    ]


def _more(detail: str) -> str:
    return f": {detail}" if detail else ""


def failed_targets(repos: Sequence[RepoReport]) -> tuple[str, ...]:
    """What names those that failed on the command line, each once."""
    return tuple(dict.fromkeys(one.target for one in repos if one.result is Result.FAILED))
