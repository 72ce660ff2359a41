"""Repos with SHA-256 ids, which libgit2 does not read: a twin with SHA-1 ids, and the way back.

git translates by `fast-export` and `fast-import`. Their marks say which object of one is which of
the other, so what was there already keeps its id, and its signature, on the way back.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import ForgeError, ProcessFailedError
from scaffold.git import branches, clones
from scaffold.git.program import git
from scaffold.git.tree import init_bare

SHA256_DIGITS = 64  # hex digits of an id
_EXPORT = ("fast-export", "--reencode=no")


@dataclass(frozen=True)
class Twin:
    """A bare repo at `folder` with SHA-1 ids, for branches of the SHA-256 repo at `url`.

    `original` is a clone of that one.
    """

    folder: Path
    url: str
    original: Path

    def push(self, branch: str) -> None:
        """Move a branch of the repo to where that of the twin is, if nobody else has moved it.

        Raises StalePushError, PushRefusedError, ForgeError.
        """
        ref = f"refs/heads/{branch}"
        seen = branches.remote_head(str(self.original), branch)
        new = git(*_EXPORT, _marks("import", self.folder), ref, cwd=self.folder)
        known = _marks("import", self.original)
        git("fast-import", "--quiet", "--force", known, cwd=self.original, stdin=new.stdout)
        head = git("rev-parse", ref, cwd=self.original).text.strip()
        branches.push(self.original, self.url, head, branch, expect=seen)


def make_twin(url: str, place: Path, branch: str, *patterns: str) -> Twin:
    """Clone a SHA-256 repo to `place`, with a twin that has a branch, and those of the patterns.

    Raises ForgeError, also where it has something that git does not translate: submodules.
    """
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    twin = Twin(place / "twin.git", url, place / "original.git")
    clones.clone_bare(url, twin.original)
    init_bare(twin.folder)
    wanted = [f"refs/heads/{branch}", *(f"--branches={pattern}" for pattern in patterns)]
    try:
        whole = git(*_EXPORT, _marks("export", twin.original), *wanted, cwd=twin.original)
        marks = _marks("export", twin.folder)
        git("fast-import", "--quiet", marks, cwd=twin.folder, stdin=whole.stdout)
    except ProcessFailedError as error:
        raise ForgeError(
            "has SHA-256 ids, and git can't translate its history to the SHA-1 ids that scaffold"
            " works with",
            where=url,
            details=error.details,
            hint="git translates all but submodules.",
        ) from error
    return twin


def _marks(way: str, repo: Path) -> str:
    """The option for the marks of a repo's objects, which its twin has the same of."""
    return f"--{way}-marks={repo.with_suffix('.marks')}"
