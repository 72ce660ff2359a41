"""Commands of the git program on remotes.

Not by libgit2, as git knows the user's credentials, ssh settings and proxies.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from scaffold.config.urls import local_folder, problem_with_address, protocols_for, split_userinfo
from scaffold.deadline import pause
from scaffold.errors import ForgeError, ProcessFailedError, TimeUpError
from scaffold.git.access import with_access
from scaffold.git.program import git_environment, start_git
from scaffold.git.remote_errors import failure, remote_error, remote_fault
from scaffold.git.replies import Fault
from scaffold.process import Finished, Silence
from scaffold.programs import GIT, GIT_REMOTE
from scaffold.redaction import redacted

_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds
# No limit of a transfer as a whole is right for a large repo and a slow network: what counts is
# that something still comes. git says so by its progress, whatever the transport, but not while
# it unpacks one large file of a small fetch (fewer objects than fetch.unpackLimit). curl sees the
# bytes; a server that computes sends a keep-alive every five seconds (uploadpack.keepAlive):
# https://git-scm.com/docs/git-config#Documentation/git-config.txt-uploadpackkeepAlive
_SILENCE = Silence(first=120.0, later=600.0)
_TRANSFER_LIMIT = 6 * 3600.0  # seconds; for a transfer that never ends
_SLOW = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60")  # bytes a second, seconds
_TRANSFERS = frozenset({"fetch", "clone", "push"})
_HELPERS_LIMIT = 120.0  # seconds; a helper may open a browser
_log = logging.getLogger(__name__)


def reach(
    url: str,
    command: str,
    *options: str,
    operands: Sequence[str] = (),
    cwd: Path | None = None,
    check: bool = True,
    fresh: bool = False,
) -> Finished:
    """Run a git command on a remote, and retry it after temporary faults.

    Neither the URL nor the operands can be taken for options. With `fresh`, a repo that is not
    found counts as a temporary fault: a server may not find a repo for a while after creating it. A
    transfer may take as long as data arrives; a server that stays silent is not asked again. Raises
    ForgeError for a URL that git must not get, and where the server is silent; also where the
    command fails and `check` is set, FileError where it fails because of this machine's disk.
    """
    if problem := problem_with_address(url):
        raise ForgeError(f"is no address of a repo: it {problem}", where=url)
    bare, _ = split_userinfo(url)
    arguments = (command, *options, "--", bare, *operands)
    waits = () if local_folder(url) else _WAITS
    for wait in (*waits, None):
        done = _run_once(url, arguments, cwd)
        if done.status == 0:
            return done
        fault, words = remote_fault(done, url)
        passing = fault is Fault.PASSING or (fresh and fault is Fault.MISSING)
        if wait is None or not passing:
            break
        _log.warning("%s: %s; trying again in %g s", redacted(url), words, wait)
        pause(wait, url)
    if check:
        raise failure(done, url, cwd)[1]
    return done


def reach_origin(
    folder: Path, command: str, *options: str, operands: Sequence[str] = ()
) -> Finished:
    """The same without retries, for the remote `origin` of a checkout; returns any exit status.

    Raises ForgeError where it gets no answer.
    """
    arguments = (command, *options, "--", "origin", *operands)
    env = with_access(git_environment(GIT_REMOTE))
    return _transfer(f"{folder}, origin", arguments, folder, env)


def need_repo(url: str) -> None:
    """Raise ForgeError where a URL that listed no commit is that of a web page.

    git reads the answer of a server without its protocol as a list of refs, in the format of a
    plain file server, and a page without a line break as an empty list. A real server sends
    packets: https://git-scm.com/docs/gitprotocol-http#_smart_clients
    """
    if url.startswith(("http://", "https://")):
        arguments = ("ls-remote", "--", split_userinfo(url)[0], "HEAD")
        done = _run_once(url, arguments, None, {"GIT_TRACE_PACKET": "2"})
        if done.status == 0 and b"packet:" not in done.stderr:
            raise remote_error(Fault.WEB_PAGE, url)


def ask_helpers(question: bytes) -> Finished:
    """The answer of git's credential helpers (`git credential fill`), without prompting."""
    env = git_environment(GIT_REMOTE)
    return start_git(("credential", "fill"), env=env, stdin=question, timeout=_HELPERS_LIMIT)


def _run_once(
    url: str,
    arguments: Sequence[str],
    cwd: Path | None,
    variables: Mapping[str, str] | None = None,
) -> Finished:
    """Run a git that talks to a remote once. Raises ForgeError where it gets no answer."""
    protocols = protocols_for(url)
    # A repo on this machine needs no token, and its hooks may be somebody else's.
    if local_folder(url) is not None:
        env = git_environment(GIT, protocols)
    else:
        env = with_access(git_environment(GIT_REMOTE, protocols), url)
    return _transfer(url, arguments, cwd, {**env, **(variables or {})})


def _transfer(
    where: str, arguments: Sequence[str], cwd: Path | None, env: Mapping[str, str]
) -> Finished:
    command, *operands = arguments
    progress = ("--progress",) if command in _TRANSFERS else ()
    try:
        return start_git(
            (*_SLOW, command, *progress, *operands),
            cwd=cwd,
            env=env,
            timeout=_TRANSFER_LIMIT,
            silence=_SILENCE,
        )
    except ProcessFailedError as error:
        raise remote_error(Fault.SILENT, where, [error.what]) from error
    except TimeUpError as error:
        raise TimeUpError(error.what, where=where, hint=error.hint) from error
