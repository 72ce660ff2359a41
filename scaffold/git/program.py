"""The git program: the one place that starts it, and what it is asked about this machine.

Hooks, signing, prompts and the like of the user's configuration are switched off; see `settings`.
"""

import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from scaffold.config.urls import PROTOCOLS
from scaffold.errors import IdentityError, ProcessFailedError
from scaffold.git import settings
from scaffold.git.disk import fault_in
from scaffold.git.tree import Identity
from scaffold.process import LIMIT, Finished, Silence, need_program, run
from scaffold.programs import GIT, Kind, environment

_GIT_HINT = "Install git (https://git-scm.com/downloads) and run the command again."
# What git's idea of who commits comes from, beside its configuration files.
_IDENTITY_FROM = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL", "HOME", "XDG_CONFIG_HOME")
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
    done = start_git(arguments, cwd=cwd, env=git_environment(GIT), stdin=stdin)
    if check and done.status != 0:
        if file_error := fault_in(output_of(done), cwd or ""):
            raise file_error
        raise ProcessFailedError(
            f"`git {' '.join(arguments[:2])}` failed with status {done.status}",
            where=str(cwd or ""),
            details=done.last_lines,
        )
    return done


def start_git(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float = LIMIT,
    silence: Silence | None = None,
) -> Finished:
    """Run git with scaffold's settings, in an environment that `git_environment` made.

    The rest is as in `process.run`.
    """
    command = [need_program("git", _GIT_HINT), *settings.options(), *arguments]
    return run(command, cwd=cwd, env=env, stdin=stdin, timeout=timeout, silence=silence)


def git_environment(kind: Kind, protocols: Sequence[str] = PROTOCOLS) -> dict[str, str]:
    """The environment of a git that prompts for nothing and starts no program for a protocol."""
    allowed = {"GIT_ALLOW_PROTOCOL": ":".join(protocols)}
    return environment(kind, {**allowed, **settings.ENVIRONMENT})


def output_of(done: Finished) -> str:
    """All output of a git, on both streams."""
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def identity() -> Identity:
    """The name and address that the user's commits bear.

    Raises IdentityError where git was not told them.
    """
    variables = tuple(os.environ.get(name) for name in _IDENTITY_FROM)
    return _identity(Path.cwd(), variables)


@lru_cache(maxsize=1)
def _identity(_cwd: Path, _variables: tuple[str | None, ...]) -> Identity:
    done = git("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT", check=False)
    if done.status == 0 and (ident := _IDENT.fullmatch(done.text.strip())):
        return Identity(ident["name"], ident["email"])
    raise IdentityError(
        "git does not know who you are, so it can't commit",
        hint='Run: git config --global user.name "Your Name"'
        " && git config --global user.email you@example.com",
    )


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
