"""What of the user's git configuration does not count for what scaffold does with git.

What says how to reach a server counts: credential helpers, ssh commands, proxies, CAs and
`url.*.insteadOf`. What would run something, or have git do something else than it was asked for,
is overruled on git's command line, which comes last.
"""

import os
from collections.abc import Iterator

# Each is a setting that somebody has good reason to have for their own work.
_OVERRULED = {
    # What would run, or wait for somebody at a keyboard.
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "commit.gpgSign": "false",
    "push.gpgSign": "false",
    "merge.verifySignatures": "false",
    "gc.auto": "0",
    "fetch.writeCommitGraph": "false",
    # What would fetch or push more than was asked for.
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "push.followTags": "false",
    "push.pushOption": "",
    # What would refuse what was asked for: a bare repo is named here, not come upon by chance.
    "safe.bareRepository": "all",
    "core.safecrlf": "false",
    "protocol.version": "2",  # the first in which any commit can be fetched by its id
    # What would come out otherwise.
    "clone.defaultRemoteName": "origin",
    "status.showUntrackedFiles": "normal",
    "color.ui": "false",
    # The check of paths is scaffold's own; these are a second one, whatever the system.
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "fetch.fsckObjects": "true",
}
# Old programs wrote these into the history of many a repo that is in use still. They are about
# dates, names and the writing of modes, and none of them changes which files there are.
_OLD_FAULTS = (
    "badDate", "badDateOverflow", "badEmail", "badFilemode", "badName", "badTimezone",
    "missingEmail", "missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail",
    "multipleAuthors", "nulInCommit", "zeroPaddedDate", "zeroPaddedFilemode",
)  # fmt: skip
# A work tree that is laid out for this run has the bytes of the commit, whatever the user likes in
# theirs. Filters run only if the repo's own attributes name them and the user has set them up.
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
    """What stands before the command of every git."""
    yield from _options(_OVERRULED)
    yield from _options({f"fetch.fsck.{fault}": "ignore" for fault in _OLD_FAULTS})


def as_committed() -> Iterator[str]:
    """What stands there besides where files are laid out, or added, as a commit has them."""
    yield from _options(_AS_COMMITTED)


def for_fsck() -> Iterator[str]:
    """What stands there besides for `git fsck`."""
    yield from _options({f"fsck.{fault}": "ignore" for fault in _OLD_FAULTS})


def _options(settings: dict[str, str]) -> Iterator[str]:
    for key, value in settings.items():
        yield from ("-c", f"{key}={value}")
