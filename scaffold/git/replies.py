"""The messages of git and of servers when a command on a remote fails, and their meaning.

The words are those of git, curl and ssh, in English since LC_ALL is C, and those of the servers,
which git passes on as `remote: ...` or as the reason for rejecting a ref. Each row has the source
of its words.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_GITHUB = "https://docs.github.com/en"
_GITLAB = "https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/gitlab"
_GITEA = "https://github.com/go-gitea/gitea/blob/main/routers"
_GIT = "https://github.com/git/git/blob/master"
_CURL = "https://github.com/curl/curl/blob/master/lib"
_SSH = "https://github.com/openssh/openssh-portable/blob/master"


class Fault(StrEnum):
    """Why a git that talks to a remote failed."""

    REFUSED = "refused"  # this user lacks the permission
    DECLINED = "declined"  # a hook on the server rejected a push
    UNKNOWN_USER = "unknown user"
    MISSING = "missing"  # no such repo, or this user may not see it
    WEB_PAGE = "web page"  # it answers, but not by git's protocol
    UNSAFE = "unsafe"  # git's fsck rejected an object
    SETTINGS = "settings"  # the configuration of git on this machine
    PASSING = "passing"  # a fault of a server or network, or a rate limit: temporary
    SILENT = "silent"  # it accepted the connection and sends nothing
    OTHER = "other"


@dataclass(frozen=True)
class Reply:
    """Words that identify a fault: a regular expression, ignoring case; `source` documents them."""

    fault: Fault
    words: str
    source: str


# The first match counts, so specific rows come before general ones.
REPLIES = (
    Reply(Fault.UNSAFE, r"fsck error|error: object [0-9a-f]{40}: \w+: ", f"{_GIT}/fsck.c"),
    Reply(Fault.SETTINGS, r"bad config|bad boolean config|bad numeric config", f"{_GIT}/config.c"),
    # A hook that could not reach its own server declines, too.
    Reply(Fault.PASSING, r"(gitlab|gitea|forgejo): (\d+ )?internal server", _GITEA + "/private"),
    Reply(
        Fault.PASSING,
        r"internal api (unreachable|error)",
        "https://gitlab.com/gitlab-org/gitaly/-/tree/master/internal/gitlab",
    ),
    Reply(
        Fault.PASSING,
        r"\(internal server error\)",
        "https://github.com/desktop/desktop/issues/21249",
    ),
    Reply(Fault.PASSING, r"temporarily read-only", f"{_GITLAB}/git_access.rb"),
    Reply(Fault.DECLINED, r"hook declined", f"{_GIT}/builtin/receive-pack.c"),
    Reply(Fault.REFUSED, r"deny updating a hidden ref", f"{_GIT}/builtin/receive-pack.c"),
    Reply(
        Fault.REFUSED,  # of branch protections; the reason is "protected branch hook declined"
        r"GH006",
        f"{_GITHUB}/pull-requests/how-tos/merge-and-close-pull-requests"
        "/troubleshooting-required-status-checks",
    ),
    Reply(
        Fault.REFUSED,  # of rulesets
        r"GH013|repository rule violations",
        f"{_GITHUB}/repositories/configuring-branches-and-merges-in-your-repository"
        "/managing-rulesets/troubleshooting-rules",
    ),
    Reply(
        Fault.REFUSED,
        r"permission to \S+ denied to",
        f"{_GITHUB}/authentication/troubleshooting-ssh"
        "/error-permission-to-userrepo-denied-to-userother-repo",
    ),
    Reply(
        Fault.REFUSED,
        r"write access to repository not granted|marked as read only",
        f"{_GITHUB}/authentication/connecting-to-github-with-ssh/managing-deploy-keys",
    ),
    Reply(
        Fault.REFUSED,
        r"archived so it is read-only",
        f"{_GITHUB}/repositories/archiving-a-github-repository/archiving-repositories",
    ),
    Reply(
        Fault.REFUSED,
        r"not allowed to ((force )?push|merge|upload) code|push code to a read-only"
        r"|deploy key does not have write access|pushing over http is not allowed",
        f"{_GITLAB}/git_access.rb",
    ),
    Reply(Fault.REFUSED, r"create protected branches", f"{_GITLAB}/checks/branch_check.rb"),
    Reply(
        Fault.REFUSED,
        r"not allowed to push to protected branch|is protected from|denied for writing",
        f"{_GITEA}/private/hook_pre_receive.go",
    ),
    Reply(
        Fault.REFUSED, r"is not authorized to write|\bis archived\.", _GITEA + "/private/serv.go"
    ),
    Reply(Fault.REFUSED, r"mirror repository is read-only", f"{_GITEA}/web/repo/githttp.go"),
    # HTTP statuses come before the looser words below.
    Reply(Fault.PASSING, r"returned error: (429|5\d\d)", f"{_GIT}/http.c"),
    Reply(Fault.UNKNOWN_USER, r"returned error: 401|authentication failed for", f"{_GIT}/http.c"),
    Reply(Fault.REFUSED, r"returned error: 403", f"{_GIT}/http.c"),
    Reply(Fault.MISSING, r"returned error: 404", f"{_GIT}/http.c"),
    Reply(Fault.OTHER, r"returned error: 4\d\d", f"{_GIT}/http.c"),
    Reply(
        Fault.WEB_PAGE,
        r"not valid: .*is this a git repository|invalid server response"
        r"|unable to update url base from redirection",
        f"{_GIT}/remote-curl.c",
    ),
    Reply(Fault.UNKNOWN_USER, r"could not read (username|password)", f"{_GIT}/credential.c"),
    Reply(Fault.UNKNOWN_USER, r"permission denied \(", f"{_SSH}/sshconnect2.c"),
    # A folder on this machine, by its file permissions.
    Reply(Fault.REFUSED, r"insufficient permission for adding", f"{_GIT}/object-file.c"),
    Reply(
        Fault.REFUSED,
        r"permission denied|read-only file system",
        "https://man7.org/linux/man-pages/man3/errno.3.html",
    ),
    Reply(Fault.MISSING, r"does not appear to be a git", f"{_GIT}/connect.c"),
    Reply(Fault.MISSING, r"access denied or repository not exported", f"{_GIT}/daemon.c"),
    Reply(Fault.MISSING, r"repository .*not found|does not exist", f"{_GIT}/remote-curl.c"),
    Reply(Fault.MISSING, r"could not be found", f"{_GITLAB}/git_access.rb"),
    Reply(Fault.MISSING, r"cannot find repository", _GITEA + "/private/serv.go"),
    Reply(Fault.SILENT, r"operation too slow", f"{_CURL}/speedcheck.c"),
    Reply(Fault.PASSING, r"rpc failed|early eof", f"{_GIT}/remote-curl.c"),
    Reply(Fault.PASSING, r"hung up unexpectedly|unexpected disconnect", f"{_GIT}/pkt-line.c"),
    Reply(
        Fault.PASSING,
        r"could not resolve host|connection (was )?(reset|refused|timed out)"
        r"|operation timed out|empty reply from server",
        f"{_CURL}/strerror.c",
    ),
    Reply(
        Fault.PASSING,
        r"tls connection was non-properly terminated",
        f"{_CURL}/vtls/gtls.c",
    ),
    Reply(Fault.PASSING, r"connection closed by", f"{_SSH}/packet.c"),
)
_KNOWN = tuple((reply.fault, re.compile(reply.words, re.IGNORECASE)) for reply in REPLIES)


def fault_of(output: str) -> tuple[Fault, str]:
    """The fault that git's output tells, and the words that tell it; empty where none does."""
    for fault, words in _KNOWN:
        if match := words.search(output):
            return fault, match[0]
    return Fault.OTHER, ""
