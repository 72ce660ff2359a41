"""`scaffold blueprint release`: a commit that dates the CHANGELOG, and its tag, both or neither.

What is planned is a value. A run that was killed is finished by running it again: branch and tag
move in one step of git, and what comes after that is found to be missing.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.authoring.bump import Bump, Reason, reasons, told_bump
from scaffold.authoring.testing import Progress, TrialReport, run_tests
from scaffold.authoring.trials import Outcome
from scaffold.authoring.versions import copy_versions, open_versions
from scaffold.errors import ForgeError, ReleaseRefusedError
from scaffold.git import program, transport
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Entry, change_tree, make_commit, open_repo
from scaffold.lint import lint_blueprint
from scaffold.render.candidate import blueprint_of
from scaffold.render.changelog import CHANGELOG_FILE, sections
from scaffold.render.commands import migration_versions
from scaffold.render.source import newest, parse_version, versions

_FIRST = Version("1.0.0")
_SHOWN = 10  # lines of each failure
_UNRELEASED = re.compile(r"^## \[?Unreleased\]?[^\n]*\n", re.M | re.I)


@dataclass(frozen=True)
class ReleasePlan:
    """The next version of a blueprint; nothing of it is made yet, unless it is `there`."""

    folder: Path
    name: str
    branch: str
    head: str
    tag: str
    last: str | None
    bump: Bump | None
    reasons: tuple[Reason, ...]
    changelog: str
    there: bool = False


def plan_release(folder: Path, wanted: Bump | None, today: date) -> ReleasePlan:
    """Say which version is next. Raises ReleaseRefusedError, ConfigError, RenderError.

    `wanted` counts in place of what the CHANGELOG says; a step that is smaller than the change
    asks for is refused.
    """
    name = blueprint_of(folder).name
    _refuse_other_folder(folder)
    store = open_repo(folder)
    branch, head = _head(store, folder)
    tags = versions(store)
    released = [tag for tag, commit in tags.items() if commit == head]
    if released and _is_only_left_over(folder, store, head):
        return _there(folder, name, branch, head, released)
    _refuse_unclean(folder)
    if released:
        return _there(folder, name, branch, head, released)
    text = _changelog(folder)
    told = _told(text)
    if not told:
        raise ReleaseRefusedError(
            f"{CHANGELOG_FILE} says nothing under Unreleased",
            where=str(folder),
            hint="Say there what changes for services: whoever is upgraded reads it.",
        )
    last = _last(store, head, tags)
    why, floor = _asked_for(folder, last) if last else ((), None)
    bump = wanted or told_bump(told)
    version = _next(last, bump, wanted)
    _refuse_too_small(last, version, bump, why, floor, from_changelog=wanted is None)
    tag = f"v{version}"
    dated = _UNRELEASED.sub(f"## [Unreleased]\n\n## [{version}] - {today.isoformat()}\n", text, 1)
    plan = ReleasePlan(folder, name, branch, head, tag, last, bump, why, dated)
    _refuse_taken(plan, tags)
    return plan


def told_version(folder: Path, last: str | None) -> Version | None:
    """The version after `last` that the CHANGELOG speaks of, or None where it says nothing."""
    told = _told(_changelog(folder))
    return _next(last, told_bump(told), None) if told else None


def _changelog(folder: Path) -> str:
    file = folder / CHANGELOG_FILE
    return file.read_text("utf-8", "surrogateescape") if file.is_file() else ""


def _told(changelog: str) -> str:
    unreleased = (one for one in sections(changelog) if one.version is None and one.has_entries)
    return next((one.text for one in unreleased), "")


def _there(folder: Path, name: str, branch: str, head: str, tags: list[str]) -> ReleasePlan:
    tag = newest(dict.fromkeys(tags, head))
    return ReleasePlan(folder, name, branch, head, tag, None, None, (), "", there=True)


def _next(last: str | None, bump: Bump, wanted: Bump | None) -> Version:
    before = parse_version(last) if last else None
    if before is not None:
        return bump.after(before)
    return wanted.after(Version("0.0.0")) if wanted else _FIRST


def _last(store: pygit2.Repository, head: str, tags: dict[str, str]) -> str | None:
    """The newest version that this branch comes from, or None before the first."""
    behind = {
        tag: commit
        for tag, commit in tags.items()
        if store.descendant_of(pygit2.Oid(hex=head), pygit2.Oid(hex=commit))
    }
    return newest(behind) if behind else None


def _asked_for(folder: Path, last: str) -> tuple[tuple[Reason, ...], Version | None]:
    """What the change since the last version asks for, and which one a migration is meant for."""
    with scratch_folder() as scratch:
        found = open_versions(copy_versions(folder, scratch), scratch)
        news = [one for one in migration_versions(found.current) if one > Version(last)]
        was_template = last not in found.releases  # only what is a blueprint now can be compared
        why = () if was_template else reasons(found.release(last), found.current)
        return why, max(news, default=None)


def _refuse_too_small(
    last: str | None,
    version: Version,
    bump: Bump,
    why: tuple[Reason, ...],
    floor: Version | None,
    *,
    from_changelog: bool,
) -> None:
    """Below 1.0.0 a minor step may break, as semver.org has it."""
    if last is None:
        return
    breaking = Bump.MINOR if Version(last).major == 0 else Bump.MAJOR
    need = min(max((one.bump for one in why), default=Bump.PATCH), breaking)
    said = f"{CHANGELOG_FILE} speaks of a {bump.word} step" if from_changelog else f"--{bump.word}"
    if bump < need:
        which = [one for one in why if one.bump >= need]
        raise ReleaseRefusedError(
            f"{said}, which is too small: the change since {last} asks for a {need.word} one",
            details=[one.what for one in which],
            hint=f"Give --{need.word}, and say in {CHANGELOG_FILE} what breaks."
            if need is Bump.MAJOR
            else _headings(which),
        )
    if floor is not None and version < floor:
        raise ReleaseRefusedError(
            f"a migration is meant for {floor}, so it would not run in {version}",
            hint=f"Tie it to {version}, or give a bigger step.",
        )


def _headings(which: list[Reason]) -> str:
    """What to write for a minor step; what is gone would make a major one under `Removed`."""
    wanted = sorted({"`### Added`" if one.adds else "`### Changed`" for one in which})
    hint = f"Give --minor, or list it in {CHANGELOG_FILE} under {' and '.join(wanted)}."
    gone = not all(one.adds for one in which)
    return f"{hint} Under `### Removed` it would be a major one." if gone else hint


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


def _refuse_taken(plan: ReleasePlan, tags: dict[str, str]) -> None:
    """A version is released once: not again here, and not where others have released it."""
    published = _published(plan.folder)
    known = {str(parse_version(tag)): tag for tag in (*tags, *published)}
    version = str(parse_version(plan.tag))
    if version in known:
        raise ReleaseRefusedError(
            f"there is a version {known[version]} already, and a version is never changed",
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
    if plan.there:
        program.git("checkout", "--quiet", "HEAD", "--", CHANGELOG_FILE, cwd=folder, check=False)
        return plan.head
    _refuse_unclean(folder)
    store = open_repo(folder)
    entry = Entry.file(plan.changelog.encode("utf-8", "surrogateescape"))
    tree = change_tree(store, plan.head, {CHANGELOG_FILE: entry})
    message = f"Release {plan.tag}\n"
    commit = make_commit(store, tree, message, program.identity(), [plan.head])
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
    program.git("checkout", "--quiet", "HEAD", "--", CHANGELOG_FILE, cwd=folder)
    return commit


def prove(folder: Path, *, jobs: int, progress: Progress) -> TrialReport:
    """Lint and test a blueprint. Raises ReleaseRefusedError where one of them is not green."""
    if findings := lint_blueprint(folder):
        raise ReleaseRefusedError(
            "lint finds something",
            where=str(folder),
            details=[f"{one.where}: {one.code} {one.message}" for one in findings],
            hint="Mend it, or silence it with a reason in blueprint.yml.",
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
