"""Errors for people, for a git command that failed on a remote."""

import re
from collections.abc import Sequence
from pathlib import Path

from scaffold.config.urls import local_folder, split_userinfo
from scaffold.errors import FileError, ForgeError
from scaffold.git.disk import fault_in
from scaffold.git.program import output_of
from scaffold.git.replies import Fault, fault_of
from scaffold.process import Finished

# What the fault is, and what to do.
_WORDS = {
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
_PROGRESS = re.compile(r"(remote: )?([A-Z][a-z]+ [a-z ]+: +\d+(% \(|, done|$)|Total \d+ \(delta)")


def remote_error(
    fault: Fault, where: str, details: Sequence[str] = (), *, failed: str = ""
) -> ForgeError:
    """The error for a fault; `failed` says what could not be done, where that is not plain."""
    what, hint = _WORDS[fault]
    return ForgeError(
        f"{failed}: {what}" if failed else what,
        where=where,
        hint=hint,
        details=without_progress(details),
    )


def failure(
    done: Finished, url: str, folder: Path | None = None
) -> tuple[Fault, ForgeError | FileError]:
    """The kind of fault of a failed git command on a remote, and the error for people.

    `folder` is that of the repo that it worked in. FileError is for a full disk on this machine.
    """
    fault, _ = remote_fault(done, url)
    if file_error := disk_error(done, url, folder):
        return fault, file_error
    return fault, remote_error(fault, url, done.last_lines)


def remote_fault(done: Finished, url: str, *ignored: str) -> tuple[Fault, str]:
    """The kind of fault, by git's output, and the words in it that tell.

    The URL and whatever else is `ignored`, such as an id, do not count as output.
    """
    output = output_of(done)
    for name in (split_userinfo(url)[0], str(local_folder(url)), *ignored):
        output = output.replace(name, "")
    return fault_of(output)


def disk_error(done: Finished, url: str, folder: Path | None) -> FileError | None:
    """The error where git's output is about this machine's disk, and not about the server's."""
    here = local_folder(url)
    lines = output_of(done).splitlines()
    if here is None:  # other lines are ssh's, which may be about a key file
        lines = [line for line in lines if line.startswith(("error: ", "fatal: "))]
    return fault_in("\n".join(lines), folder or here or url)


def without_progress(lines: Sequence[str]) -> list[str]:
    """Lines of git's output, without those about its progress."""
    return [line for line in lines if not _PROGRESS.match(line)]
