"""Settings that override the user's git configuration for everything that scaffold does.

How to reach a server is left to the user: credential helpers, ssh commands, proxies, CAs and
`url.*.insteadOf`. Settings that would run something, or change what a command does, are overridden
on git's command line, which has the highest precedence (https://git-scm.com/docs/git-config#FILES).
"""

import os
from collections.abc import Iterator

# Users have good reasons for each of these in their own work.
_OVERRULED = {
    # These would run something, or wait for input.
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "commit.gpgSign": "false",
    "push.gpgSign": "false",
    "merge.verifySignatures": "false",
    "gc.auto": "0",
    "fetch.writeCommitGraph": "false",
    # These would fetch or push more than was asked for.
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "push.followTags": "false",
    "push.pushOption": "",
    # These would refuse what was asked for; bare repos are always named explicitly here.
    "safe.bareRepository": "all",
    "core.safecrlf": "false",
    "protocol.version": "2",  # the first in which any commit can be fetched by its id
    # These would change output that is parsed.
    "clone.defaultRemoteName": "origin",
    "status.showUntrackedFiles": "normal",
    "color.ui": "false",
    # The check of paths is scaffold's own; these are a second one, whatever the system.
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "fetch.fsckObjects": "true",
}
# Faults that old programs wrote into histories that are still in use. They concern dates, names
# and the format of modes; none of them changes which files there are.
_OLD_FAULTS = (
    "badDate", "badDateOverflow", "badEmail", "badFilemode", "badName", "badTimezone",
    "missingEmail", "missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail",
    "multipleAuthors", "nulInCommit", "zeroPaddedDate", "zeroPaddedFilemode",
)  # fmt: skip
# A work tree for this run has the bytes of the commit, whatever the user's settings. Filters run
# only if the repo's own attributes name them and the user has configured them.
_AS_COMMITTED = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.sparseCheckout": "false",
    "core.symlinks": "true",
}
ENVIRONMENT = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_DEFAULT_HASH": "sha1",  # libgit2 reads no other
    "GIT_DEFAULT_REF_FORMAT": "files",  # likewise
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""What every git is told by its environment."""


def options() -> Iterator[str]:
    """The options before the command, for every git."""
    yield from _options(_OVERRULED)
    yield from _options({f"fetch.fsck.{fault}": "ignore" for fault in _OLD_FAULTS})


def as_committed() -> Iterator[str]:
    """More options, for a git that writes or adds files exactly as a commit has them."""
    yield from _options(_AS_COMMITTED)


def for_fsck() -> Iterator[str]:
    """More options for `git fsck`."""
    yield from _options({f"fsck.{fault}": "ignore" for fault in _OLD_FAULTS})


def _options(settings: dict[str, str]) -> Iterator[str]:
    for key, value in settings.items():
        yield from ("-c", f"{key}={value}")
