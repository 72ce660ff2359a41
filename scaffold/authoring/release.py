"""`scaffold blueprint release`: a commit that dates the CHANGELOG, and its tag, both or neither.

A prerelease is a tag alone: what is under Unreleased stays there for the release that follows.
What is planned is a value. A run that was killed is finished by running it again: branch and tag
move in one step of git, and what comes after that is found to be missing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.authoring.bump import Bump, Reason, told_bump
from scaffold.authoring.next_version import (
    asked_for,
    changelog_of,
    is_of,
    last_release,
    next_prerelease,
    next_version,
    refuse_too_small,
    told_entries,
)
from scaffold.authoring.prerelease import Pre
from scaffold.authoring.testing import Progress, TrialReport, run_tests
from scaffold.authoring.trials import Outcome
from scaffold.errors import ForgeError, ReleaseRefusedError
from scaffold.git import program, transport
from scaffold.git.tree import Entry, change_tree, make_commit, open_repo
from scaffold.lint import lint_report
from scaffold.lint.baseline import Baseline
from scaffold.render.candidate import blueprint_of
from scaffold.render.changelog import CHANGELOG_FILE
from scaffold.render.source import newest, parse_version, versions

_SHOWN = 10  # lines of each failure
_UNRELEASED = re.compile(r"^## \[?Unreleased\]?[^\n]*\n", re.M | re.I)


@dataclass(frozen=True)
class ReleasePlan:
    """The next version of a blueprint; nothing of it is made yet, unless it is `there`.

    `changelog` is the new text of the file; None for a prerelease, which leaves it as it is.
    """

    folder: Path
    name: str
    branch: str
    head: str
    tag: str
    last: str | None
    bump: Bump | None
    reasons: tuple[Reason, ...]
    changelog: str | None
    there: bool = False


def plan_release(
    folder: Path, wanted: Bump | None, today: date, pre: Pre | None = None
) -> ReleasePlan:
    """Say which version is next. Raises ReleaseRefusedError, ConfigError, RenderError.

    `wanted` counts in place of what the CHANGELOG says; a step that is smaller than the change
    asks for is refused. With `pre` it is a prerelease of that version.
    """
    name = blueprint_of(folder).name
    _refuse_other_folder(folder)
    store = open_repo(folder)
    branch, head = _head(store, folder)
    tags = versions(store)
    here = [tag for tag, commit in tags.items() if commit == head]
    released = [tag for tag in here if is_of(tag, pre)]
    if released and not pre and _is_only_left_over(folder, store, head):
        return _there(folder, name, branch, head, released)
    _refuse_unclean(folder)
    if released:
        return _there(folder, name, branch, head, released)
    text = changelog_of(folder)
    told = told_entries(text)
    if not told:
        raise ReleaseRefusedError(
            f"{CHANGELOG_FILE} says nothing under Unreleased",
            where=str(folder),
            hint="Say there what changes for services: whoever is upgraded reads it.",
        )
    last = last_release(store, head, tags)
    why, floor = asked_for(folder, last) if last else ((), None)
    bump = wanted or told_bump(told)
    version = next_version(last, bump, wanted)
    known = (*tags, *_published(folder))
    number = next_prerelease(version, pre, known) if pre else version
    refuse_too_small(last, number, bump, why, floor, from_changelog=wanted is None)
    dated = _UNRELEASED.sub(f"## [Unreleased]\n\n## [{version}] - {today.isoformat()}\n", text, 1)
    _refuse_taken(version, known)
    return ReleasePlan(
        folder, name, branch, head, f"v{number}", last, bump, why, None if pre else dated
    )


def _there(folder: Path, name: str, branch: str, head: str, tags: list[str]) -> ReleasePlan:
    tag = newest(dict.fromkeys(tags, head))
    return ReleasePlan(folder, name, branch, head, tag, None, None, (), "", there=True)


def _refuse_other_folder(folder: Path) -> None:
    if program.top_folder(folder) != folder.resolve():
        raise ReleaseRefusedError(
            "is not the top folder of a git repo",
            where=str(folder),
            hint="A blueprint is a git repo of its own: its tags are its versions.",
        )


def _head(store: pygit2.Repository, folder: Path) -> tuple[str, str]:
    if store.head_is_unborn or store.head_is_detached:
        raise ReleaseRefusedError(
            "no branch is checked out, or it has no commit",
            where=str(folder),
            hint="Check out the branch that is released from, and commit.",
        )
    return store.head.shorthand, str(store.head.target)


def _refuse_unclean(folder: Path) -> None:
    said = program.git("status", "--porcelain", cwd=folder).text.rstrip().splitlines()
    if said:
        raise ReleaseRefusedError(
            "there are changes that are not committed",
            where=str(folder),
            details=said,
            hint="Commit them, or put them away with `git stash --include-untracked`.",
        )


def _is_only_left_over(folder: Path, store: pygit2.Repository, head: str) -> bool:
    """Whether all that is left to do of a killed run is to lay out the CHANGELOG."""
    said = program.git("status", "--porcelain", cwd=folder).text.rstrip().splitlines()
    parents = store[head].peel(pygit2.Commit).parent_ids
    if not parents or {line[3:] for line in said} != {CHANGELOG_FILE}:
        return False
    before = store[parents[0]].peel(pygit2.Tree)
    if CHANGELOG_FILE not in before:
        return False
    blob = before[CHANGELOG_FILE]
    return isinstance(blob, pygit2.Blob) and (folder / CHANGELOG_FILE).read_bytes() == blob.data


def _refuse_taken(version: Version, known: Iterable[str]) -> None:
    """A version is released once: not again here, and not where others have released it."""
    taken = {parse_version(tag): tag for tag in known}
    if version in taken:
        raise ReleaseRefusedError(
            f"there is a version {taken[version]} already, and a version is never changed",
            hint="Fetch what others have released: git pull --tags",
        )


def _published(folder: Path) -> tuple[str, ...]:
    """The tags that `origin` has, where it is there and can be reached."""
    if not program.git("config", "remote.origin.url", cwd=folder, check=False).text.strip():
        return ()
    done = transport.reach_origin(folder, "ls-remote", "--refs", "--tags")
    names = (line.rpartition("refs/tags/")[2] for line in done.text.splitlines())
    return tuple(name for name in names if parse_version(name) is not None)


def apply_release(plan: ReleasePlan) -> str:
    """Commit and tag, in one step; return the commit. Raises ReleaseRefusedError."""
    folder = plan.folder
    if plan.there and not is_of(plan.tag, None):
        return plan.head
    if plan.there:
        program.git("checkout", "--quiet", "HEAD", "--", CHANGELOG_FILE, cwd=folder, check=False)
        return plan.head
    _refuse_unclean(folder)
    commit = plan.head if plan.changelog is None else _dated(plan, plan.changelog)
    zero = "0" * len(commit)
    orders = (
        f"start\nupdate refs/heads/{plan.branch} {commit} {plan.head}\n"
        f"update refs/tags/{plan.tag} {commit} {zero}\nprepare\ncommit\n"
    )
    done = program.git("update-ref", "--stdin", cwd=folder, check=False, stdin=orders.encode())
    if done.status != 0:
        raise ReleaseRefusedError(
            f"`{plan.branch}` or the tag moved while this was prepared; nothing was released",
            where=str(folder),
            details=done.last_lines,
            hint="Run it again.",
        )
    if commit != plan.head:
        program.git("checkout", "--quiet", "HEAD", "--", CHANGELOG_FILE, cwd=folder)
    return commit


def _dated(plan: ReleasePlan, changelog: str) -> str:
    """A commit on top of the head, which no branch has yet, with a new CHANGELOG."""
    store = open_repo(plan.folder)
    entry = Entry.file(changelog.encode("utf-8", "surrogateescape"))
    tree = change_tree(store, plan.head, {CHANGELOG_FILE: entry})
    return make_commit(store, tree, f"Release {plan.tag}\n", program.identity(), [plan.head])


def prove(
    folder: Path, *, jobs: int, progress: Progress, baseline: Baseline | None = None
) -> TrialReport:
    """Lint and test a blueprint. Raises ReleaseRefusedError where one of them is not green.

    Findings that the `baseline` has are known, and refuse nothing.
    """
    linted = lint_report(folder)
    told = linted.beside(baseline) if baseline else linted
    if findings := told.findings:
        raise ReleaseRefusedError(
            "lint finds something",
            where=str(folder),
            details=[f"{one.where}: {one.code} {one.message}" for one in findings],
            hint="Mend it, silence it with a reason in blueprint.yml, or give the file of known"
            " findings with --baseline.",
        )
    report = run_tests(folder, jobs=jobs, progress=progress)
    if failed := report.of(Outcome.FAILED):
        raise ReleaseRefusedError(
            f"{len(failed)} of {len(report.tried)} tests failed",
            where=str(folder),
            details=[line for one in failed for line in (one.line, *one.details[:_SHOWN])],
            hint="See it all with: scaffold blueprint test",
        )
    return report


def push_line(plan: ReleasePlan) -> str:
    """What brings the release to where services are made from."""
    return f"git push --atomic origin {plan.branch} {plan.tag}"


def is_pushed(plan: ReleasePlan) -> bool:
    """Whether `origin` has the version; branch and tag get there together."""
    return plan.tag in _published(plan.folder)


def push_release(plan: ReleasePlan) -> None:
    """Push branch and tag to `origin`, both or neither. Raises ForgeError."""
    refs = (plan.branch, plan.tag)
    done = transport.reach_origin(plan.folder, "push", "--atomic", operands=refs)
    if done.status != 0:
        raise ForgeError(
            f"{plan.tag} is committed and tagged here, but can't be pushed",
            where=str(plan.folder),
            details=done.last_lines,
            hint=f"See to it, then run it again, or: {push_line(plan)}",
        )
