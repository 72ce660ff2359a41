"""The report of an upgrade: one entry for each template of a repo, as plain data."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scaffold.forge.pages import place
from scaffold.merge.decisions import ConflictKind, Kind
from scaffold.upgrade.diffs import FileDiff, diff_text
from scaffold.upgrade.state import UpgradeState

MEANING = {
    UpgradeState.CURRENT: "up to date",
    UpgradeState.CURRENT_IN_CONTENT: "current in content: the next change records the version",
    UpgradeState.AHEAD: "newer than the target: left alone",
    UpgradeState.WOULD_CHANGE: "would get a merge request",
    UpgradeState.WOULD_CONFLICT: "would get a draft with conflicts",
    UpgradeState.OPENED: "merge request opened",
    UpgradeState.UPDATED: "merge request brought up to date",
    UpgradeState.REOPENED: "merge request reopened",
    UpgradeState.UNCHANGED: "merge request is open already",
    UpgradeState.CONFLICTS: "draft with conflicts: a person has to look",
    UpgradeState.HELD: "somebody has pushed to the branch: left alone",
    UpgradeState.MUTED: "somebody has closed the merge request: left alone",
    UpgradeState.CLOSED: "up to date: merge request closed, as main has it already",
    UpgradeState.FAILED: "failed",
}
_OF_SEVERAL = MEANING | {
    UpgradeState.OPENED: "merge requests opened",
    UpgradeState.UPDATED: "merge requests brought up to date",
    UpgradeState.REOPENED: "merge requests reopened",
    UpgradeState.UNCHANGED: "merge requests are open already",
    UpgradeState.CLOSED: "up to date: merge requests closed, as main has it already",
    UpgradeState.CONFLICTS: "drafts with conflicts: a person has to look",
}
_WITHOUT_FORGE = {
    "merge requests": "branches", "merge request": "branch", "drafts": "branches", "draft": "branch"
}  # fmt: skip
_MOST_NAMED = 5
_LEFT_OUT = frozenset({Kind.CONVERTED, Kind.IGNORED, Kind.PIN})


@dataclass(frozen=True)
class Line:
    """A path, a kind of decision or conflict, and details.

    `old` is the path that the upgrade moves it from; `owners` are told where only a plan is made.
    """

    path: str
    kind: str
    detail: str = ""
    old: str = ""
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class RepoReport:
    """The result for one template of one repo.

    `target` names the repo on the command line, `page` is its address for people, if it has one;
    `cause` is the reference of the error that it failed with, `message` its words. `merge_request`
    is an address.
    """

    target: str
    repo: str
    result: UpgradeState
    service: str = ""
    template: str = ""
    old: str = ""
    new: str = ""
    cause: str = ""
    message: str = ""
    branch: str = ""
    merge_request: str = ""
    merge_request_number: int = 0
    notes: tuple[str, ...] = ()
    decisions: tuple[Line, ...] = ()
    conflicts: tuple[Line, ...] = ()
    not_checked: tuple[str, ...] = ()
    files: tuple[FileDiff, ...] = ()
    page: str = ""

    @property
    def place(self) -> str:
        """Where a person decides on it: the merge request, or without one the branch."""
        if not self.merge_request:
            return self.branch
        is_open = self.result not in {UpgradeState.MUTED, UpgradeState.CLOSED}
        return place(self.merge_request, self.repo, self.merge_request_number, is_open=is_open)

    @property
    def diff(self) -> str:
        """The changes as a unified diff, where it was asked for."""
        return diff_text(self.files)


@dataclass(frozen=True)
class Report:
    """The result of a whole run; `left` are services for a later wave.

    Without a forge there are branches, but no merge requests.
    """

    repos: Collection[RepoReport]
    dry_run: bool = False
    stopped: bool = False
    left: tuple[str, ...] = ()
    on_forge: bool = True

    @property
    def ok(self) -> bool:
        """Whether no repo failed or waits for a person with conflicts."""
        return not any(repo.result is UpgradeState.FAILED or repo.conflicts for repo in self.repos)

    @property
    def count(self) -> dict[UpgradeState, int]:
        """The number of repos with each result, in the order of the results."""
        counts = Counter(repo.result for repo in self.repos)
        return {result: counts[result] for result in UpgradeState if counts[result]}


def summary(report: Report) -> list[str]:
    """The number of repos with each result, failures by cause, and what to do next."""
    lines = [
        f"{number:5} {_words(result, number, on_forge=report.on_forge)}"
        for result, number in report.count.items()
    ]
    lines += _failures(report)
    if report.left:
        number = len(report.left)
        lines += ["", f"Left for a later wave: {number} service{'' if number == 1 else 's'}"]
    if report.stopped:
        lines += ["", "Stopped: run it again for the rest."]
    if not report.dry_run:
        lines += _next(report)
    return lines


def _words(result: UpgradeState, number: int, *, on_forge: bool) -> str:
    words = (MEANING if number == 1 else _OF_SEVERAL)[result]
    for words_of_forge, words_without in () if on_forge else _WITHOUT_FORGE.items():
        words = words.replace(words_of_forge, words_without)
    return words


def _failures(report: Report) -> Iterator[str]:
    """Failures, with repos of the same error in one line."""
    by_cause: dict[str, dict[str, list[str]]] = {}
    for repo in report.repos:
        if repo.cause:
            by_cause.setdefault(repo.cause, {}).setdefault(repo.message, []).append(repo.repo)
    for cause, messages in by_cause.items():
        yield from ("", f"{cause}: {sum(map(len, messages.values()))} failed")
        for message, repos in messages.items():
            first, *rest = message.splitlines() or [""]
            more = f" and {len(repos) - _MOST_NAMED} more" if len(repos) > _MOST_NAMED else ""
            yield f"  {', '.join(repos[:_MOST_NAMED])}{more}: {first}"
            yield from (f"    {line}" for line in rest)


def _next(report: Report) -> list[str]:
    drafts = dict.fromkeys(repo.branch for repo in report.repos if repo.conflicts and repo.branch)
    if drafts:
        return [
            "",
            "To settle conflicts, in a clone of the repo:",
            f"  git switch {next(iter(drafts))} && scaffold upgrade --resolve && git mergetool",
            "  then commit and push.",
        ]
    if not report.on_forge and any(repo.result.pushes for repo in report.repos):
        return ["", "Look at the branch, and merge it."]
    return []


def details(repo: RepoReport) -> list[str]:
    """Lines about one repo, below its row."""
    return [
        *(f"  {note}" for note in repo.notes),
        *(
            f"  conflict  {line.path}: {ConflictKind(line.kind).words}{_more(line.detail)}"
            for line in repo.conflicts
        ),
        *(
            f"  left out  {line.path}: {line.detail}"
            for line in repo.decisions
            if line.kind in _LEFT_OUT
        ),
        *(f"  not checked  {name}" for name in repo.not_checked),
    ]


def _more(detail: str) -> str:
    return f": {detail}" if detail else ""
