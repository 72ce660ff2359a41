"""The commit that a repo's files are at, where they are as committed."""

from collections.abc import Iterable
from pathlib import Path

import pygit2
from pygit2 import Blob, Commit, settings

from scaffold.errors import UsageError
from scaffold.git.tree import Tree, read_tree


def committed_revision(path: Path, names: Iterable[str]) -> str:
    """The id of HEAD, from which the image's tag is derived.

    Only the files that go into the image count: a CI job may leave others about. Raises UsageError
    where one of them differs from what HEAD has, since the tag would then name something else.
    """
    repo = open_checkout(path)
    if repo.head_is_unborn:
        raise UsageError("has no commit yet", where=str(path), hint="Commit first.")
    head = repo.head.peel(Commit)
    for name in names:
        file = path / name
        if not file.is_file() or file.read_bytes() != _committed(head, name):
            raise UsageError(
                "differs from what HEAD has; the image's tag is derived from commits",
                where=str(file),
                hint="Commit it first, or take your change back: git restore.",
            )
    return str(head.id)


def committed_files(path: Path) -> Tree:
    """All files of HEAD, whatever lies about in the work tree. Raises UsageError for no repo."""
    return read_tree(open_checkout(path), "HEAD")


def _committed(head: Commit, name: str) -> bytes | None:
    found = head.tree[name] if name in head.tree else None  # noqa: SIM401 - a Tree has no get()
    return found.data if isinstance(found, Blob) else None


def open_checkout(path: Path) -> pygit2.Repository:
    """Open a repo of whoever's: a CI runner often checks out as another user than the job's.

    git refuses that because of the programs that a repo's configuration can name; libgit2 starts
    none of them.
    """
    before = settings.owner_validation
    settings.owner_validation = False
    try:
        return pygit2.Repository(str(path))
    except pygit2.GitError as error:
        raise UsageError(
            "is not the top folder of a git repo",
            where=str(path),
            hint="Run the step at the top of the repo, or name it with --path.",
        ) from error
    finally:
        settings.owner_validation = before
