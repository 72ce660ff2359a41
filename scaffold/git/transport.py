"""What goes over the wire, by the git program: it knows credentials, ssh and the user's proxies."""

import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from scaffold.config.urls import PROTOCOLS, problem_with_address, protocols_for, split_userinfo
from scaffold.deadline import pause
from scaffold.errors import (
    FileError,
    ForgeError,
    IdentityError,
    ProcessFailedError,
    PushRefusedError,
    StalePushError,
    TimeUpError,
)
from scaffold.git import local, settings
from scaffold.git.access import with_access
from scaffold.git.disk import fault_in
from scaffold.git.replies import Fault, fault_of
from scaffold.git.tree import Identity, open_repo
from scaffold.git.verified import verified_tree
from scaffold.process import Finished, Silence, need_program, run
from scaffold.programs import GIT, GIT_REMOTE, environment
from scaffold.redaction import redacted

_GIT_HINT = "Install git (https://git-scm.com/downloads) and run the command again."
# What is the matter with a remote, and what to do.
_WHY_NOT = {
    Fault.REFUSED: (
        "the forge refuses it",
        "Look at what your token or key may do with this repo.",
    ),
    Fault.DECLINED: ("a hook of the server declined it", "It says why."),
    Fault.UNKNOWN_USER: (
        "the forge does not know who you are",
        "Set a token, or look at your ssh key.",
    ),
    Fault.MISSING: ("there is no repo here, or you may not see it", "Was it moved or removed?"),
    Fault.WEB_PAGE: (
        "this is a web page, not a git repo",
        "Name the URL that `git clone` takes. If this is it, a proxy or a log-in page answers.",
    ),
    Fault.UNSAFE: (
        "has an object that git takes for damage or for an attack",
        "Look at the object that is named. What is harmless, `fetch.fsck.skipList` lets in.",
    ),
    Fault.SETTINGS: ("git can't read its configuration", "Mend the file that is named."),
    Fault.PASSING: ("can't be reached", "Look at the URL and the network, then run this again."),
    Fault.SILENT: (
        "gives no answer",
        "Is the server up, and is it a git server? Run this again once it answers.",
    ),
    Fault.OTHER: ("can't be reached", "Look at the URL and the network, then run this again."),
}
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds
# No limit of a transfer as a whole is right for a large repo and a slow network: what counts is
# that something still comes. git says so by its progress, whatever the transport, but not while
# it unpacks one large file of a small fetch (fewer objects than fetch.unpackLimit). curl sees the
# bytes; a server that computes sends a keep-alive every five seconds (uploadpack.keepAlive).
_SILENCE = Silence(first=120.0, later=600.0)
_TRANSFER_LIMIT = 6 * 3600.0  # seconds; for what comes on and on
_SLOW = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60")  # bytes a second, seconds
_TRANSFERS = frozenset({"fetch", "clone", "push"})
_PROGRESS = re.compile(r"(remote: )?([A-Z][a-z]+ [a-z ]+: +\d+(% \(|, done|$)|Total \d+ \(delta)")
_HELPERS_LIMIT = 120.0  # seconds; one may open a browser
_log = logging.getLogger(__name__)
# What git's idea of who commits comes from, beside its configuration files.
_IDENTITY_FROM = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL", "HOME", "XDG_CONFIG_HOME")
# As git's receive-pack says it, in no language but this one (LC_ALL=C).
_CHECKED_OUT = "branch is currently checked out"
_SYMREF = re.compile(r"ref: refs/heads/(?P<branch>.+)\tHEAD\n(?P<commit>[0-9a-f]+)\tHEAD")
_IDENT = re.compile(r"(?P<name>.*) <(?P<email>[^>]*)> \d+ [+-]\d{4}")


def git(
    *arguments: str,
    cwd: Path | None = None,
    check: bool = True,
    stdin: bytes = b"",
) -> Finished:
    """Run a git that reaches no other repo, whatever hooks, signing or prompts the user has set.

    Raises ToolMissingError; ProcessFailedError where it takes too long, or fails and `check` is
    set, FileError where it is the disk or a lock that it fails for; TimeUpError.
    """
    env = environment(GIT, _told(PROTOCOLS))
    done = run(_command(*arguments), cwd=cwd, env=env, stdin=stdin)
    if check and done.status != 0:
        if told := fault_in(_said(done), cwd or ""):
            raise told
        raise ProcessFailedError(
            f"`git {' '.join(arguments[:2])}` failed with status {done.status}",
            where=str(cwd or ""),
            details=done.last_lines,
        )
    return done


def ask_helpers(question: bytes) -> Finished:
    """What git's credential helpers answer to `git credential fill`, without asking a person."""
    env = environment(GIT_REMOTE, _told(PROTOCOLS))
    return run(_command("credential", "fill"), env=env, stdin=question, timeout=_HELPERS_LIMIT)


def reach(
    url: str,
    command: str,
    *options: str,
    operands: Sequence[str] = (),
    cwd: Path | None = None,
    check: bool = True,
    fresh: bool = False,
) -> Finished:
    """Run a git command on a remote, and again after a fault that may pass by itself.

    The URL and the operands after it can be no options. A server may not find a repo for a while
    that was made a moment ago: `fresh` takes that for such a fault. What comes over the wire has
    time as long as it comes; a server that is silent is asked once. Raises ForgeError for a URL
    that is none for git, and where it is silent; also where it fails and `check` is set, FileError
    where it fails for this machine's disk.
    """
    if problem := problem_with_address(url):
        raise ForgeError(f"is no address of a repo: it {problem}", where=url)
    bare, _ = split_userinfo(url)
    words = (command, *options, "--", bare, *operands)
    waits = () if local_folder(url) else _WAITS
    for wait in (*waits, None):
        done = _once(url, words, cwd)
        if done.status == 0:
            return done
        fault, told = _fault(done, url)
        passing = fault is Fault.PASSING or (fresh and fault is Fault.MISSING)
        if wait is None or not passing:
            break
        _log.warning("%s: %s; trying again in %g s", redacted(url), told, wait)
        pause(wait, url)
    if check:
        raise failure(done, url, cwd)[1]
    return done


def failure(
    done: Finished, url: str, folder: Path | None = None
) -> tuple[Fault, ForgeError | FileError]:
    """What kind of fault made a git fail that talks to a remote, and the error for people.

    `folder` is that of the repo that it was at work in. FileError is for what this machine's disk
    does not take.
    """
    fault, _ = _fault(done, url)
    if told := _of_this_disk(done, url, folder):
        return fault, told
    what, hint = _WHY_NOT[fault]
    return fault, ForgeError(what, where=url, hint=hint, details=_told_of(done.last_lines))


def _of_this_disk(done: Finished, url: str, folder: Path | None) -> FileError | None:
    """What a git has said of the disk or of a lock of this machine, and not of the server's."""
    here = local_folder(url)
    lines = _said(done).splitlines()
    if here is None:  # ssh has words of its own for a key that it may not read
        lines = [line for line in lines if line.startswith(("error: ", "fatal: "))]
    return fault_in("\n".join(lines), folder or here or url)


def _once(
    url: str, words: Sequence[str], cwd: Path | None, more_env: Mapping[str, str] | None = None
) -> Finished:
    """Run a git that talks to a remote once. Raises ForgeError where it gets no answer."""
    told = {**_told(protocols_for(url)), **(more_env or {})}
    # A repo on this machine has hooks of whoever it belongs to, and asks for no token.
    here = local_folder(url) is not None
    env = environment(GIT, told) if here else with_access(environment(GIT_REMOTE, told), url)
    return _listen(url, words, cwd, env)


def _listen(where: str, words: Sequence[str], cwd: Path | None, env: Mapping[str, str]) -> Finished:
    command, *operands = words
    progress = ("--progress",) if command in _TRANSFERS else ()
    try:
        return run(
            _command(*_SLOW, command, *progress, *operands),
            cwd=cwd,
            env=env,
            timeout=_TRANSFER_LIMIT,
            silence=_SILENCE,
        )
    except ProcessFailedError as error:
        what, hint = _WHY_NOT[Fault.SILENT]
        raise ForgeError(what, where=where, hint=hint, details=[error.what]) from error
    except TimeUpError as error:
        raise TimeUpError(error.what, where=where, hint=error.hint) from error


def _told_of(said: Sequence[str]) -> list[str]:
    """What git said, without what it told of its progress."""
    return [line for line in said if not _PROGRESS.match(line)]


def _fault(done: Finished, url: str, *more: str) -> tuple[Fault, str]:
    """What is told by what git printed: a URL or an id in it says nothing about the fault."""
    said = _said(done)
    for name in (split_userinfo(url)[0], str(local_folder(url)), *more):
        said = said.replace(name, "")
    return fault_of(said)


def reach_origin(
    folder: Path, command: str, *options: str, operands: Sequence[str] = ()
) -> Finished:
    """The same once, for the remote `origin` of a checkout; any exit status is a result.

    Raises ForgeError where it gets no answer.
    """
    env = with_access(environment(GIT_REMOTE, _told(PROTOCOLS)))
    words = (command, *options, "--", "origin", *operands)
    return _listen(f"{folder}, origin", words, folder, env)


def _command(*arguments: str) -> list[str]:
    return [need_program("git", _GIT_HINT), *settings.options(), *arguments]


def _told(protocols: Sequence[str]) -> dict[str, str]:
    """What every git is told: to prompt for nothing, and to start no program for a protocol."""
    return {"GIT_ALLOW_PROTOCOL": ":".join(protocols), **settings.ENVIRONMENT}


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
    ref = f"refs/heads/{branch}"
    # With HEAD a repo that has the branch not yet says something, too.
    done = reach(url, "ls-remote", operands=["HEAD", ref], fresh=fresh)
    if not done.stdout:
        need_repo(url)
    told = {name: commit for commit, name in map(str.split, done.text.splitlines())}
    return told.get(ref)


def need_repo(url: str) -> None:
    """Raise ForgeError where a URL that told of no commit is that of a web page.

    git takes the answer of a server that does not speak its protocol for a list of refs, as a plain
    file server has it, and a page without a line break for an empty one. A real server sends
    packets: https://git-scm.com/docs/gitprotocol-http#_smart_clients
    """
    if url.startswith(("http://", "https://")):
        words = ("ls-remote", "--", split_userinfo(url)[0], "HEAD")
        done = _once(url, words, None, {"GIT_TRACE_PACKET": "2"})
        if done.status == 0 and b"packet:" not in done.stderr:
            what, hint = _WHY_NOT[Fault.WEB_PAGE]
            raise ForgeError(what, where=url, hint=hint)


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
    told = map(str.split, done.text.splitlines())
    heads = {ref: commit for commit, ref in told if ref != "HEAD"}
    return {ref.removeprefix("refs/heads/"): commit for ref, commit in heads.items()}


def default_head(url: str) -> tuple[str, str]:
    """The commit at the head of a remote's default branch, and the branch's name.

    Raises ForgeError where the repo can't be reached, or is empty.
    """
    store = local.open_folder(local_folder(url))
    if store is not None and (here := local.head(store) or local.detached_head(store)) is not None:
        return here
    done = reach(url, "ls-remote", "--symref", operands=["HEAD"])
    found = _SYMREF.search(done.text)
    if found is None:
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
    return found["commit"], found["branch"]


def fetch(folder: Path, url: str, refspec: str, *more: str) -> None:
    """Fetch a refspec into the repo at `folder`; `more` are options of git's for how deep."""
    options = ("--no-tags", "--no-auto-maintenance", *more)
    reach(url, "fetch", *options, operands=[refspec], cwd=folder)


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
    `reach`. `may_push` asks the forge about that branch; see Forge.
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
    move = [f"{commit or ''}:{ref}"]
    options = ("--porcelain", lease, *_receiver(url))
    done = reach(url, "push", *options, operands=move, cwd=folder, check=False, fresh=fresh)
    if done.status == 0:
        return
    fault, _ = _fault(done, url, *filter(None, [commit]))
    there = remote_head(url, branch, fresh=fresh)
    if there == commit:  # it came through; what failed was the answer
        return
    if there != expect:
        raise StalePushError(f"`{branch}` moved while this was prepared", where=url)
    if fault is not Fault.REFUSED and (told := _of_this_disk(done, url, None)):
        raise told
    # The reason of a ref that was rejected is on the one stream, what a hook said on the other.
    details = _told_of(_said(done).strip().splitlines())
    if _is_refused(fault, may_push):
        raise PushRefusedError(
            f"no direct push to `{branch}` is allowed", where=url, details=details
        )
    what, hint = f"can't push to `{branch}`", ""
    if any(_CHECKED_OUT in line for line in details):
        raise ForgeError(
            f"{what}: it is checked out there",
            where=url,
            hint=f"Switch to another branch there, for example: git -C {url} switch -",
        )
    if fault is not Fault.OTHER:
        why, hint = _WHY_NOT[fault]
        what = f"{what}: {why}"
    raise ForgeError(what, where=url, hint=hint, details=details)


def _receiver(url: str) -> tuple[str, ...]:
    """How the other end of a push on this machine is started, which reads the user's settings, too.

    The hooks that judge it are the repo's own, and not those for all that the user works on.
    """
    store = local.open_folder(local_folder(url))
    if store is None or local.names_hooks(store):
        return ()
    return ("--receive-pack=git -c core.hooksPath=hooks receive-pack",)


def _is_refused(fault: Fault, may_push: Callable[[], bool | None]) -> bool:
    """Whether a push failed since this user may not push there.

    The forge's own answer comes before the words of an error; but it knows nothing of what a hook
    that somebody put on the server turns down.
    """
    if fault not in {Fault.REFUSED, Fault.DECLINED, Fault.OTHER}:
        return False
    with suppress(ForgeError):
        if (told := may_push()) is not None:
            return not told or fault is Fault.DECLINED
    return fault is not Fault.OTHER


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
    """Clone a repo with its work tree, which is the user's own, and laid out as they have it.

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
