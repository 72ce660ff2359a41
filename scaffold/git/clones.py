"""Fetches and clones of a remote into a repo or folder that the caller names."""

from pathlib import Path

from scaffold.git import settings
from scaffold.git.program import git
from scaffold.git.transport import need_repo, reach
from scaffold.git.tree import open_repo
from scaffold.git.verified import verified_tree


def fetch(folder: Path, url: str, refspec: str, *more: str) -> None:
    """Fetch a refspec into the repo at `folder`; `more` are options of git's for how deep."""
    options = ("--no-tags", "--no-auto-maintenance", *more)
    reach(url, "fetch", *options, operands=[refspec], cwd=folder)


def fetch_missing(folder: Path, url: str, commit: str, refspec: str = "", *more: str) -> None:
    """Fetch a commit into the repo at `folder` if it is not there, by a refspec that leads to it.

    Without a refspec it is asked for by its id. The rest is as in `fetch`.
    """
    if commit not in open_repo(folder):
        fetch(folder, url, refspec or commit, *more)


def checkout(url: str, commit: str, folder: Path) -> None:
    """Fetch one commit of a repo and lay out its files in `folder`, which is made.

    Raises ForgeError, UnsafeTreeError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", "--template=", cwd=folder)
    reach(url, "fetch", "--depth=1", operands=[commit], cwd=folder)
    verified_tree(open_repo(folder), "FETCH_HEAD", url)
    git(*settings.as_committed(), "checkout", "--quiet", "--detach", "FETCH_HEAD", cwd=folder)


def clone(url: str, folder: Path, *more: str) -> None:
    """Clone a repo with its work tree, for the user to keep and with the user's settings.

    `more` are options of git's. Raises ForgeError, UnsafeTreeError.
    """
    done = reach(url, "clone", "--no-checkout", *more, operands=[str(folder)])
    if b"cloned an empty repository" in done.stderr:
        need_repo(url)
    store = open_repo(folder)
    if not store.head_is_unborn:
        verified_tree(store, "HEAD", url)
        git("checkout", "--quiet", cwd=folder)


def clone_bare(url: str, folder: Path) -> None:
    """Clone all refs of a repo, and no work tree. Raises ForgeError."""
    reach(url, "clone", "--template=", "--mirror", operands=[str(folder)])
