"""What goes over the wire, by the git program: it knows credentials, ssh and the user's proxies."""

import logging
import os
import re
import time
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from scaffold.errors import (
    ForgeError,
    IdentityError,
    ProcessFailedError,
    PushRefusedError,
    StalePushError,
)
from scaffold.git import local
from scaffold.git.access import with_access
from scaffold.git.tree import Identity
from scaffold.process import Finished, need_program, run

_GIT_HINT = "Install git (https://git-scm.com/downloads) and run the command again."
_REFUSED = re.compile(
    r"hook declined|protected branch|permission denied|insufficient permission|read-only"
    r"|access denied|returned error: 403",
    re.I,
)
# What passes by itself: servers, networks and limits, in the words of git, curl and ssh.
_PASSING = re.compile(
    "|".join(
        (
            r"returned error: (429|5\d\d)",
            r"could not resolve host",
            r"connection (was )?(reset|refused|timed out)",
            r"connection closed by",
            r"operation timed out",
            r"early eof",
            r"hung up unexpectedly",
            r"unexpected disconnect",
            r"rpc failed",
            r"empty reply from server",
            r"tls connection was non-properly terminated",
        )
    ),
    re.I,
)
_MISSING = re.compile(
    r"not found|does not exist|could not be found|returned error: 404|does not appear to be a git",
    re.I,
)
_UNKNOWN = re.compile(
    r"authentication failed|could not read (username|password)|permission denied \("
    r"|returned error: 401",
    re.I,
)
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds
_log = logging.getLogger(__name__)
# What `git rev-parse --local-env-vars` lists: the repo of a hook that called us is not meant.
_OF_A_REPO = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_OBJECT_DIRECTORY", "GIT_DIR",
        "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH",
    }
)  # fmt: skip
# What git's idea of who commits comes from, beside its configuration files.
_IDENTITY_FROM = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL", "HOME", "XDG_CONFIG_HOME")
_SYMREF = re.compile(r"ref: refs/heads/(?P<branch>.+)\tHEAD\n(?P<commit>[0-9a-f]+)\tHEAD")
_IDENT = re.compile(r"(?P<name>.*) <(?P<email>[^>]*)> \d+ [+-]\d{4}")


def git(
    *arguments: str, cwd: Path | None = None, check: bool = True, stdin: bytes = b""
) -> Finished:
    """Run git without hooks, signing or prompts, whatever the user's configuration says.

    It gets the whole environment: credential helpers and ssh agents need theirs.
    Raises ToolMissingError; ProcessFailedError where it fails and `check` is set.
    """
    program = need_program("git", _GIT_HINT)
    safe = ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "gc.auto=0"]
    # A repo named by the caller's environment (inside a hook, say) is not the one meant here.
    env = {k: v for k, v in os.environ.items() if k not in _OF_A_REPO}
    env = with_access(env) | {"GIT_TERMINAL_PROMPT": "0", "GIT_ATTR_NOSYSTEM": "1", "LC_ALL": "C"}
    done = run([program, *safe, *arguments], cwd=cwd, env=env, stdin=stdin)
    if check and done.status != 0:
        raise ProcessFailedError(
            f"`git {' '.join(arguments[:2])}` failed with status {done.status}",
            where=str(cwd or ""),
            details=done.last_lines,
        )
    return done


def reach(
    url: str, *arguments: str, cwd: Path | None = None, check: bool = True, fresh: bool = False
) -> Finished:
    """Run a git that talks to a remote, and again after a fault that may pass by itself.

    A server may not find a repo for a while that was made a moment ago: `fresh` takes that for such
    a fault. Raises ForgeError where it fails and `check` is set.
    """
    waits = () if local_folder(url) else _WAITS
    for wait in (*waits, None):
        done = git(*arguments, cwd=cwd, check=False)
        said = _said(done)
        passing = _PASSING.search(said) or (fresh and _MISSING.search(said))
        if done.status == 0 or wait is None or not passing:
            break
        _log.warning("%s: %s; trying again in %g s", url, passing[0], wait)
        time.sleep(wait)
    if check and done.status != 0:
        what, hint = _why_not(said)
        raise ForgeError(what, where=url, hint=hint, details=done.last_lines)
    return done


def _why_not(said: str) -> tuple[str, str]:
    """What is the matter with a remote, and what to do."""
    if _UNKNOWN.search(said):
        return "the forge does not know who you are", "Set a token, or look at your ssh key."
    if _MISSING.search(said):
        return "there is no repo here, or you may not see it", "Was it moved or removed?"
    return "can't be reached", "Look at the URL and the network, then run this again."


def _said(done: Finished) -> str:
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def identity() -> Identity:
    """The name and address that the user's commits bear.

    Raises IdentityError where git was not told them.
    """
    told = tuple(os.environ.get(name) for name in _IDENTITY_FROM)
    return _identity(Path.cwd(), told)


@lru_cache(maxsize=1)
def _identity(_cwd: Path, _told: tuple[str | None, ...]) -> Identity:
    done = git("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT", check=False)
    if done.status == 0 and (found := _IDENT.fullmatch(done.text.strip())):
        return Identity(found["name"], found["email"])
    raise IdentityError(
        "git does not know who you are, so it can't commit",
        hint='Run: git config --global user.name "Your Name"'
        " && git config --global user.email you@example.com",
    )


def local_folder(url: str) -> Path | None:
    """The folder of a `file://` URL or plain path, or None for a repo somewhere else."""
    if url.startswith("file://"):
        return Path(unquote(url.removeprefix("file://")))
    return Path(url) if url.startswith("/") else None


def top_folder(path: Path) -> Path | None:
    """The top folder of the repo that a path is in (of a bare one: itself), or None."""
    folder = path if path.is_dir() else path.parent
    done = git("rev-parse", "--show-toplevel", cwd=folder, check=False)
    if done.status == 0 and done.text.strip():
        return Path(done.text.strip())
    return folder.resolve() if is_bare(folder) else None


def is_bare(folder: Path) -> bool:
    """Whether a folder is that of a bare repo."""
    done = git("rev-parse", "--is-bare-repository", cwd=folder, check=False)
    return done.text.strip() == "true"


def remote_head(url: str, branch: str = "main", *, fresh: bool = False) -> str | None:
    """The commit at the head of a remote branch, or None where there is no such branch.

    `fresh` is as in `reach`.
    """
    if (store := local.open_folder(local_folder(url))) is not None:
        return local.branch_head(store, branch)
    done = reach(url, "ls-remote", url, f"refs/heads/{branch}", fresh=fresh)
    return done.text.split("\t")[0] or None


def default_head(url: str) -> tuple[str, str]:
    """The commit at the head of a remote's default branch, and the branch's name.

    Raises ForgeError where the repo can't be reached, or is empty.
    """
    store = local.open_folder(local_folder(url))
    if store is not None and (here := local.head(store)) is not None:
        return here
    done = reach(url, "ls-remote", "--symref", url, "HEAD")
    found = _SYMREF.search(done.text)
    if found is None:
        raise ForgeError(
            "has no default branch, or is empty", where=url, hint="Push a first commit to it."
        )
    return found["commit"], found["branch"]


def fetch(folder: Path, url: str, refspec: str, *more: str) -> None:
    """Fetch a refspec into the repo at `folder`; `more` are options of git's for how deep."""
    options = ("--quiet", "--no-tags", "--no-auto-maintenance", *more)
    reach(url, "fetch", *options, url, refspec, cwd=folder)


def push(
    folder: Path, url: str, commit: str, branch: str, *, expect: str | None, fresh: bool = False
) -> None:
    """Move a remote branch to `commit`, if it is still where the caller saw it.

    `expect` is the id that was seen there, None for a branch that was not there. `fresh` is as in
    `reach`.
    Raises StalePushError where it moved meanwhile, PushRefusedError where the forge takes no push
    to it from this user.
    """
    store = local.open_plain(folder) if local_folder(url) == folder else None
    if store is not None:
        local.move_branch(store, branch, commit, expect, where=url)
        return
    ref = f"refs/heads/{branch}"
    lease = f"--force-with-lease={ref}:{expect or ''}"
    arguments = ("push", "--porcelain", lease, url, f"{commit}:{ref}")
    done = reach(url, *arguments, cwd=folder, check=False, fresh=fresh)
    if done.status == 0:
        return
    said = _said(done)
    judged = said.replace(url, "").replace(str(local_folder(url)), "").replace(commit, "")
    there = remote_head(url, branch, fresh=fresh)
    if there == commit:  # it came through; what failed was the answer
        return
    if there != expect:
        raise StalePushError(f"`{branch}` moved while this was prepared", where=url)
    if _REFUSED.search(judged):
        raise PushRefusedError(
            f"no direct push to `{branch}` is allowed", where=url, details=done.last_lines
        )
    raise ForgeError(f"can't push to `{branch}`", where=url, details=said.strip().splitlines())


def checkout(url: str, commit: str, folder: Path) -> None:
    """Fetch one commit of a repo and lay out its files in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", str(folder))
    reach(url, "fetch", "--quiet", "--depth=1", url, commit, cwd=folder)
    git("checkout", "--quiet", "--detach", "FETCH_HEAD", cwd=folder)


def clone(url: str, folder: Path, *more: str) -> None:
    """Clone a repo with its work tree; `more` are options of git's. Raises ForgeError."""
    reach(url, "clone", "--quiet", *more, "--", url, str(folder))
