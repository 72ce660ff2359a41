"""Which version of a blueprint comes next, and whether that is a big enough step."""

from collections.abc import Iterable
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.authoring.bump import Bump, Reason, reasons, told_bump
from scaffold.authoring.prerelease import Pre
from scaffold.authoring.versions import copy_versions, open_versions
from scaffold.errors import ReleaseRefusedError
from scaffold.git.scratch import scratch_folder
from scaffold.render.changelog import CHANGELOG_FILE, sections
from scaffold.render.commands import migration_versions
from scaffold.render.source import newest, parse_version

_FIRST = Version("1.0.0")


def is_of(tag: str, pre: Pre | None) -> bool:
    """Whether a tag is a prerelease of this kind; without a kind, a release."""
    version = parse_version(tag)
    if version is None or pre is None:
        return version is not None and not version.is_prerelease
    return version.pre is not None and version.pre[0] == pre


def told_version(folder: Path, last: str | None) -> Version | None:
    """The version after `last` that the CHANGELOG speaks of, or None where it says nothing."""
    told = told_entries(changelog_of(folder))
    return next_version(last, told_bump(told), None) if told else None


def changelog_of(folder: Path) -> str:
    """The text of a blueprint's CHANGELOG; empty where it has none."""
    file = folder / CHANGELOG_FILE
    return file.read_text("utf-8", "surrogateescape") if file.is_file() else ""


def told_entries(changelog: str) -> str:
    """What is under Unreleased; empty where that has no entries."""
    unreleased = (one for one in sections(changelog) if one.version is None and one.has_entries)
    return next((one.text for one in unreleased), "")


def next_version(last: str | None, bump: Bump, wanted: Bump | None) -> Version:
    """The release after `last`; a prerelease, where there is nothing else yet, is none."""
    before = parse_version(last) if last else None
    if before is not None and not before.is_prerelease:
        return bump.after(before)
    return wanted.after(Version("0.0.0")) if wanted else _FIRST


def next_prerelease(version: Version, pre: Pre, known: Iterable[str]) -> Version:
    """The first prerelease of a version that is newer than all that are `known`.

    Raises ReleaseRefusedError where a later kind was made: after a candidate comes no beta.
    """
    there = [one for tag in known if (one := parse_version(tag)) and one.pre is not None]
    mine = [one for one in there if one.release == version.release]
    number = max((one.pre[1] for one in mine if one.pre and one.pre[0] == pre), default=0) + 1
    wanted = Version(f"{version}{pre}{number}")
    if later := [one for one in mine if one > wanted]:
        raise ReleaseRefusedError(
            f"there is a {max(later)} already, which is newer than {wanted} would be",
            hint=f"Give --pre {(max(later).pre or (pre,))[0]}.",
        )
    return wanted


def last_release(store: pygit2.Repository, head: str, tags: dict[str, str]) -> str | None:
    """The newest release that this branch comes from, or None before the first."""
    behind = {
        tag: commit
        for tag, commit in tags.items()
        if is_of(tag, None) and store.descendant_of(pygit2.Oid(hex=head), pygit2.Oid(hex=commit))
    }
    return newest(behind) if behind else None


def asked_for(folder: Path, last: str) -> tuple[tuple[Reason, ...], Version | None]:
    """What the change since the last version asks for, and which one a migration is meant for."""
    with scratch_folder() as scratch:
        found = open_versions(copy_versions(folder, scratch), scratch)
        news = [one for one in migration_versions(found.current) if one > Version(last)]
        was_template = last not in found.releases  # only what is a blueprint now can be compared
        why = () if was_template else reasons(found.release(last), found.current)
        return why, max(news, default=None)


def refuse_too_small(
    last: str | None,
    version: Version,
    bump: Bump,
    why: tuple[Reason, ...],
    floor: Version | None,
    *,
    from_changelog: bool,
) -> None:
    """Raise ReleaseRefusedError; below 1.0.0 a minor step may break, as semver.org has it."""
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
