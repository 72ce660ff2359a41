"""`scaffold pipeline changed`: which environments a push changed, for a CI that can't ask git."""

from pathlib import Path

import pygit2

from scaffold.checks.repo import read_repofile
from scaffold.config.places import environment_folder
from scaffold.config.repofile import REPOFILE
from scaffold.errors import UsageError
from scaffold.pipeline.revision import open_checkout


def changed_environments(path: Path, since: str) -> tuple[str, ...]:
    """The environments of the env repo in `path` whose folders differ between `since` and HEAD.

    In the order of `.scaffold.yml`. All of them where nothing says what was there before: `since`
    is empty, no commit (forges tell a branch that is new by zeros), or not in this checkout.
    Raises UsageError where this is no env repo.
    """
    environments = tuple(read_repofile(path).environments)
    if not environments:
        raise UsageError("has no environments, so it is no env repo", where=str(path / REPOFILE))
    repo = open_checkout(path)
    before = _tree(repo, since)
    if before is None:
        return environments
    after = repo.head.peel(pygit2.Tree)
    folders = {name: environment_folder(name) for name in environments}
    return tuple(name for name, at in folders.items() if _id(before, at) != _id(after, at))


def _tree(repo: pygit2.Repository, commit: str) -> pygit2.Tree | None:
    try:
        return repo[commit].peel(pygit2.Tree)
    except (KeyError, ValueError, pygit2.InvalidSpecError):  # not there; no id
        return None


def _id(tree: pygit2.Tree, path: str) -> pygit2.Oid | None:
    return tree[path].id if path in tree else None
