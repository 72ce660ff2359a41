"""What became of grants, along main's history: given, changed, taken back; by whom and when."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath

import pygit2
from pygit2.enums import SortMode

from scaffold.config.documents import parse_document
from scaffold.config.grant import GRANTS_FOLDER, Grant, grant_path
from scaffold.errors import ConfigError
from scaffold.git.tree import Identity, message_of


class What(StrEnum):
    """What a commit did with a grant."""

    GIVEN = "given"
    CHANGED = "changed"
    REVOKED = "revoked"  # taken back before its time was over
    EXPIRED = "expired"  # taken back after that


@dataclass(frozen=True)
class GrantEvent:
    """One thing that became of a grant; `grant` is None where nobody can read what it was.

    `by` wrote the change, as git has it; `merged_by` brought it to main where that was a merge.
    """

    what: What
    name: str
    grant: Grant | None
    when: datetime
    by: Identity
    merged_by: Identity | None
    commit: str
    subject: str


def grant_events(repo: pygit2.Repository, head: str) -> Iterator[GrantEvent]:
    """What became of all grants up to a commit, newest first.

    First parents alone are looked at: what was only proposed was never given. What lies before a
    shallow clone begins is not known.
    """
    walker = repo.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL)
    walker.simplify_first_parent()
    for commit in walker:
        parent = _parent(repo, commit)
        before, after = (_grants(one) for one in (parent, commit))
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield _event(repo, commit, name, before.get(name), after.get(name))


def _parent(repo: pygit2.Repository, commit: pygit2.Commit) -> pygit2.Commit | None:
    """The first parent, where there is one and the clone has it."""
    found = repo.get(commit.parent_ids[0]) if commit.parent_ids else None
    return found if isinstance(found, pygit2.Commit) else None


def _grants(commit: pygit2.Commit | None) -> dict[str, pygit2.Oid]:
    """The content of each grant of a commit, by what it is called."""
    if commit is None or GRANTS_FOLDER not in commit.tree:
        return {}
    folder = commit.tree[GRANTS_FOLDER]
    if not isinstance(folder, pygit2.Tree):
        return {}
    names = ((PurePosixPath(str(one.name)).stem, one) for one in folder)
    return {
        name: one.id
        for name, one in names
        if isinstance(one, pygit2.Blob) and f"{GRANTS_FOLDER}/{one.name}" == grant_path(name)
    }


def _event(
    repo: pygit2.Repository,
    commit: pygit2.Commit,
    name: str,
    before: pygit2.Oid | None,
    after: pygit2.Oid | None,
) -> GrantEvent:
    when = datetime.fromtimestamp(commit.commit_time, UTC)
    grant = _read(repo, after or before, name)
    if before is None:
        what = What.GIVEN
    elif after is not None:
        what = What.CHANGED
    else:
        what = What.EXPIRED if grant is not None and grant.expired(when) else What.REVOKED
    wrote = _wrote(repo, commit, name) or commit
    return GrantEvent(
        what,
        name,
        grant,
        when,
        _author(wrote),
        _author(commit) if wrote.id != commit.id else None,
        str(wrote.id),
        message_of(wrote).partition("\n")[0],
    )


def _wrote(repo: pygit2.Repository, merge: pygit2.Commit, name: str) -> pygit2.Commit | None:
    """The newest commit that a merge brought with this grant in it; None if it is no merge."""
    if len(merge.parent_ids) < 2:
        return None
    walker = repo.walk(merge.parent_ids[1], SortMode.TOPOLOGICAL)
    walker.hide(merge.parent_ids[0])
    for commit in walker:
        if _grants(commit).get(name) != _grants(_parent(repo, commit)).get(name):
            return commit
    return None


def _read(repo: pygit2.Repository, content: pygit2.Oid | None, name: str) -> Grant | None:
    if content is None:
        return None
    with suppress(ConfigError):
        return parse_document(Grant, repo[content].peel(pygit2.Blob).data, source=grant_path(name))
    return None


def _author(commit: pygit2.Commit) -> Identity:
    return Identity(commit.author.name, commit.author.email)
