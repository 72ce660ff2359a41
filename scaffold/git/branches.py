"""The branches of a remote repo: where they are, and moving one if nobody else has."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from scaffold.config.urls import local_folder
from scaffold.errors import FileError, ForgeError, PushRefusedError, StalePushError
from scaffold.git import local
from scaffold.git.program import output_of
from scaffold.git.remote_errors import disk_error, remote_error, remote_fault, without_progress
from scaffold.git.replies import Fault
from scaffold.git.transport import need_repo, reach
from scaffold.process import Finished

# The words of git's receive-pack; LC_ALL=C keeps them in English:
# https://github.com/git/git/blob/master/builtin/receive-pack.c
_CHECKED_OUT = "branch is currently checked out"
_SYMREF = re.compile(r"ref: refs/heads/(?P<branch>.+)\tHEAD\n(?P<commit>[0-9a-f]+)\tHEAD")


def remote_head(url: str, branch: str = "main", *, fresh: bool = False) -> str | None:
    """The commit at the head of a remote branch, or None where there is no such branch.

    `fresh` is as in `transport.reach`.
    """
    if (store := local.open_folder(local_folder(url))) is not None:
        return local.branch_head(store, branch)
    ref = f"refs/heads/{branch}"
    # With HEAD, a repo that does not have the branch yet answers something, too.
    done = reach(url, "ls-remote", operands=["HEAD", ref], fresh=fresh)
    if not done.stdout:
        need_repo(url)
    commits = {name: commit for commit, name in map(str.split, done.text.splitlines())}
    return commits.get(ref)


def remote_heads(url: str, pattern: str = "*") -> dict[str, str]:
    """The remote branches whose names match a pattern, with the commits at their heads.

    As for git, `*` stands for any part of a name, slashes too.
    """
    if (store := local.open_folder(local_folder(url))) is not None:
        return local.branch_heads(store, pattern)
    # With HEAD, as in `remote_head`.
    done = reach(url, "ls-remote", operands=["HEAD", f"refs/heads/{pattern}"])
    if not done.stdout:
        need_repo(url)
    lines = map(str.split, done.text.splitlines())
    heads = {ref: commit for commit, ref in lines if ref != "HEAD"}
    return {ref.removeprefix("refs/heads/"): commit for ref, commit in heads.items()}


def default_head(url: str) -> tuple[str, str]:
    """The commit at the head of a remote's default branch, and the branch's name.

    Raises ForgeError where the repo can't be reached, or is empty.
    """
    store = local.open_folder(local_folder(url))
    if store is not None and (here := local.head(store) or local.detached_head(store)) is not None:
        return here
    done = reach(url, "ls-remote", "--symref", operands=["HEAD"])
    symref = _SYMREF.search(done.text)
    if symref is None:
        need_repo(url)
        if done.text.strip():
            raise ForgeError(
                "its HEAD is detached, and no branch of it is called main",
                where=url,
                hint="Check out the branch that upgrades go to: git switch BRANCH",
            )
        raise ForgeError(
            "has no default branch, or is empty", where=url, hint="Push a first commit to it."
        )
    return symref["commit"], symref["branch"]


def push(
    folder: Path,
    url: str,
    commit: str,
    branch: str,
    *,
    expect: str | None,
    fresh: bool = False,
    may_push: Callable[[], bool | None] = lambda: None,
) -> None:
    """Move a remote branch to `commit`, if it is still where the caller saw it.

    `expect` is the id that was seen there, None for a branch that was not there. `fresh` is as in
    `transport.reach`. `may_push` asks the forge about that branch; see Forge.
    Raises StalePushError where it moved meanwhile, PushRefusedError where the forge takes no push
    to it from this user.
    """
    store = local.open_plain(folder) if local_folder(url) == folder else None
    if store is not None:
        local.move_branch(store, branch, commit, expect, where=url)
        return
    _move(folder, url, commit, branch, expect=expect, fresh=fresh, may_push=may_push)


def drop(folder: Path, url: str, branch: str, *, expect: str) -> None:
    """Delete a remote branch, if it is still where the caller saw it; one that is gone is deleted.

    Raises as `push` does.
    """
    _move(folder, url, None, branch, expect=expect)


def _move(
    folder: Path,
    url: str,
    commit: str | None,
    branch: str,
    *,
    expect: str | None,
    fresh: bool = False,
    may_push: Callable[[], bool | None] = lambda: None,
) -> None:
    ref = f"refs/heads/{branch}"
    lease = f"--force-with-lease={ref}:{expect or ''}"
    options = ("--porcelain", lease, *_receiver(url))
    refspec = f"{commit or ''}:{ref}"
    done = reach(url, "push", *options, operands=[refspec], cwd=folder, check=False, fresh=fresh)
    if done.status == 0:
        return
    fault, _ = remote_fault(done, url, *filter(None, [commit]))
    there = remote_head(url, branch, fresh=fresh)
    if there == commit:  # the push arrived; only its answer was lost
        return
    if there != expect:
        raise StalePushError(f"`{branch}` moved while this was prepared", where=url)
    raise _push_error(done, url, branch, fault, may_push)


def _push_error(
    done: Finished, url: str, branch: str, fault: Fault, may_push: Callable[[], bool | None]
) -> ForgeError | FileError:
    """The error of a push that failed though the branch is where the caller saw it."""
    if fault is not Fault.REFUSED and (file_error := disk_error(done, url, None)):
        return file_error
    # The reason for rejecting a ref is on stdout, the output of a hook on stderr.
    details = without_progress(output_of(done).strip().splitlines())
    if _is_refused(fault, may_push):
        return PushRefusedError(
            f"no direct push to `{branch}` is allowed", where=url, details=details
        )
    failed = f"can't push to `{branch}`"
    if any(_CHECKED_OUT in line for line in details):
        return ForgeError(
            f"{failed}: it is checked out there",
            where=url,
            hint=f"Switch to another branch there, for example: git -C {url} switch -",
        )
    if fault is Fault.OTHER:
        return ForgeError(failed, where=url, details=details)
    return remote_error(fault, url, details, failed=failed)


def _receiver(url: str) -> tuple[str, ...]:
    """The option that starts the other end of a push to a repo on this machine.

    The other end reads the user's configuration, too. Only the repo's own hooks may judge the push,
    not those that the user has set for all repos (`core.hooksPath`).
    """
    store = local.open_folder(local_folder(url))
    if store is None or local.names_hooks(store):
        return ()
    return ("--receive-pack=git -c core.hooksPath=hooks receive-pack",)


def _is_refused(fault: Fault, may_push: Callable[[], bool | None]) -> bool:
    """Whether a push failed because this user may not push there.

    The forge's answer is more reliable than the words of an error; but it does not know about hooks
    that somebody put on the server.
    """
    if fault not in {Fault.REFUSED, Fault.DECLINED, Fault.OTHER}:
        return False
    with suppress(ForgeError):
        if (allowed := may_push()) is not None:
            return not allowed or fault is Fault.DECLINED
    return fault is not Fault.OTHER
