"""The store of repos: how the objects of a repo, given its URL, come to be at hand.

A repo on this machine is read in place; of any other there is a bare repo. How much that has and
how long it is kept depends on what is asked of it:

- A mirror has all branches and tags and is kept in the user's cache, so that the next run fetches
  only what is new. It never is shallow: whether a pin went back is a question of ancestry, which a
  shallow clone answers wrongly. `mirror` locks it against other runs and replaces it after damage.
- A copy is made once a run, in the run's scratch folder, and does not change while that goes on:
  the worker processes of one rollout must not see different releases of a template. It has the
  refs that a clone has and nothing more, so that a version that the template has no more is not
  found because this machine had it once.
- A recent history has only the last commits of one branch, and is gone with the run: an upgrade
  looks at thousands of repos, once each, and seldom further back than the last upgrade.

A repo with SHA-256 ids is read by its `twin`, where an upgrade looks at it; not elsewhere.

None has a work tree. What lays out files (`clones.clone`, `clones.checkout`) is for people and for
builds, which need them on disk. What is read of any of these is verified by `verified`.
"""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.config.urls import local_folder
from scaffold.errors import ForgeError
from scaffold.git import branches, clones
from scaffold.git.mirror import fetched_mirror
from scaffold.git.tree import init_bare, open_repo
from scaffold.git.twin import SHA256_DIGITS, Twin, make_twin


def open_mirror(url: str) -> tuple[Path, pygit2.Repository]:
    """The folder and the repo with all branches and tags of `url` now. Raises ForgeError."""
    folder = local_folder(url)
    if folder is None:
        return fetched_mirror(url)
    _need_folder(folder, url)
    try:
        return folder, open_repo(folder)
    except pygit2.GitError as error:
        raise ForgeError(f"is no git repo: {error}", where=url) from error


def open_copy(url: str, scratch: Path) -> pygit2.Repository:
    """The repo at `url`, or of a bundle, as it was when a run with this `scratch` first asked.

    Raises ForgeError; GitError where there is no repo in a folder of this machine.
    """
    folder = local_folder(url)
    if folder is None or folder.is_file():
        copies = scratch / "copies"
        folder = copies / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git"
        if not folder.exists():
            copies.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=copies) as unfinished:
                made = Path(unfinished) / folder.name
                clones.clone_bare(url, made)
                give_name(made, folder)
    return open_repo(folder)


@dataclass(frozen=True)
class Recent:
    """A recent history: where it is, and the head and the name of its default branch.

    `twin` is what stands for a repo with SHA-256 ids, else None.
    """

    folder: Path
    head: str
    branch: str
    twin: Twin | None = None


def open_recent(url: str, folder: Path, depth: int, *patterns: str) -> Recent:
    """Have the last commits of the default branch of `url` at hand, in a new repo at `folder`.

    A repo on this machine is used in place, with all that it has. One with SHA-256 ids gets a twin,
    with all commits, and with the branches of these patterns, too.
    Raises ForgeError.
    """
    here = local_folder(url)
    if here is not None:
        _need_folder(here, url)
    head, branch = branches.default_head(url)
    if len(head) == SHA256_DIGITS:
        twin = make_twin(url, folder, branch, *patterns)
        known = branches.remote_heads(str(twin.folder), branch)
        return Recent(twin.folder, known[branch], branch, twin)
    if here is not None:
        folder = here / ".git" if (here / ".git").is_dir() else here
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        init_bare(folder)
    limit = () if here is not None else (f"--depth={depth}",)
    clones.fetch_missing(folder, url, head, f"refs/heads/{branch}", *limit)
    return Recent(folder, head, branch)


def deepen(folder: Path, url: str, branch: str) -> bool:
    """Fetch the rest of a recent history; return whether there was any. Raises ForgeError."""
    if local_folder(url) is not None or not open_repo(folder).is_shallow:
        return False
    clones.fetch(folder, url, f"refs/heads/{branch}", "--unshallow")
    return True


def give_name(unfinished: Path, folder: Path) -> None:
    """Give a folder its name once it is whole; another process may have been quicker."""
    try:
        unfinished.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(unfinished)


def _need_folder(folder: Path, url: str) -> None:
    if not folder.is_dir():
        raise ForgeError("there is no repo here", where=url, hint="Was it moved or removed?")
