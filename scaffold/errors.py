"""The one error hierarchy; nothing but the top-level handler prints one.

ScaffoldError
├── UsageError               wrong use of the command line (exit status 2)
│   ├── PlatformNotFoundError    no platform.yml here or above
│   └── AnswerError              an answer is missing or not valid
├── ConfigError              platform.yml, blueprint.yml or a catalog file is not valid
├── BlueprintNotFoundError   no such blueprint or version
├── VersionGoneError         the version that a repo was made from can't be had any more
├── AnswersFileError         a repo's answers file is missing or not valid
├── UnsafeTreeError          a tree that somebody pushed would do harm
├── UntrustedError           a template or a source that nobody has trusted
├── RenderError              a blueprint can't be rendered
├── WorkLostError            work was ended early: out of time or memory, or killed
├── NameTakenError           a service, repo or blueprint of that name is there already
├── CheckFailedError         what would come does not pass a static check
├── ReleaseRefusedError      a blueprint can't be released as it is
├── FileError                a file or a folder can't be written, or is somebody else's
├── IdentityError            git was not told who commits
├── ToolMissingError         an outside program that the command can't do without
├── ProcessFailedError       an outside program failed
├── FindingsError            an image has known vulnerabilities that may not be
├── ListenError              the bot's server can't listen where it is told to
├── TimeUpError              a piece of work waited longer than all of it may take
├── ForgeError               the forge refused or failed
│   ├── PushRefusedError         it takes no direct push to that branch
│   ├── UnreadableError          a repo in a format that libgit2 does not know
│   └── StalePushError           the branch moved since it was read
├── DeployError              a deploy would do something that nobody asked for, or failed
│   └── RaceError                an object changed between our look and our change
├── MetricsError             what was measured can't be handed on
├── UnexpectedError          a fault of scaffold itself
└── StoppedError             the user stopped the command (exit status 130)
"""

import errno
from collections.abc import Sequence
from typing import ClassVar

from scaffold.redaction import redacted

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STOPPED = 130


class ScaffoldError(Exception):
    """Something went wrong that the user can act on: what, where, what to do.

    `reference` names the kind of error and is the anchor of its section in the docs. Wherever it is
    told, no URL in it has a user or a token.
    """

    reference: ClassVar[str] = "error"
    exit_code: ClassVar[int] = EXIT_FAILED

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", details: Sequence[str] = ()
    ) -> None:
        self.what = redacted(what)
        self.where = redacted(where)
        self.hint = redacted(hint)
        self.details = tuple(map(redacted, details))
        super().__init__(self.what)

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is to be said: what is wrong and where, the details, and what to do."""
        return tuple(filter(None, (str(self), *self.details, self.hint)))

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class UsageError(ScaffoldError):
    """The command line asks for something that makes no sense."""

    reference = "usage"
    exit_code = EXIT_USAGE


class PlatformNotFoundError(UsageError):
    """There is no platform.yml here or in a folder above."""

    reference = "platform-not-found"


class AnswerError(UsageError):
    """An answer is missing, unknown or not valid.

    `by_rule` is whether a rule that the blueprint has for its answers (a validator, the choices)
    refuses it: then other answers may be taken. `unanswered` is the question that has no default
    and got no answer, if that is what is wrong.
    """

    reference = "answer-invalid"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        details: Sequence[str] = (),
        by_rule: bool = False,
        unanswered: str = "",
    ) -> None:
        self.by_rule = by_rule
        self.unanswered = unanswered
        super().__init__(what, where=where, hint=hint, details=details)


class ConfigError(ScaffoldError):
    """A file that people write is not valid; `details` has a line for each problem."""

    reference = "config-invalid"


class BlueprintNotFoundError(ScaffoldError):
    """There is no blueprint, or no version of it, of that name."""

    reference = "blueprint-not-found"


class VersionGoneError(ScaffoldError):
    """The version that a repo was made from can't be had any more, or is another one by now."""

    reference = "version-gone"


class AnswersFileError(ScaffoldError):
    """A repo's answers file is missing, not valid, or has conflict markers in it."""

    reference = "answers-file-invalid"


class UntrustedError(ScaffoldError):
    """A template wants to run code, or comes from a source that nobody has trusted."""

    reference = "untrusted"


class UnsafeTreeError(ScaffoldError):
    """A tree that somebody pushed has paths that would do harm; nothing of it was written."""

    reference = "unsafe-tree"


class RenderError(ScaffoldError):
    """A blueprint can't be rendered, or a path of it would leave the repo's tree."""

    reference = "render-failed"


class WorkLostError(ScaffoldError):
    """Work was ended early: it took more time or memory than it may, or its process was killed."""

    reference = "work-lost"


class NameTakenError(ScaffoldError):
    """A service, a repo or a blueprint of that name is there already."""

    reference = "name-taken"


class CheckFailedError(ScaffoldError):
    """What would come does not pass its static checks, so nothing was created or changed."""

    reference = "check-failed"


class ReleaseRefusedError(ScaffoldError):
    """A blueprint can't be released as it is, so nothing was committed or tagged."""

    reference = "release-refused"


class FileError(ScaffoldError):
    """A file or a folder can't be written, or is somebody else's."""

    reference = "file-failed"


class IdentityError(ScaffoldError):
    """Git was not told who commits, and nobody makes up a name."""

    reference = "identity-missing"


class ToolMissingError(ScaffoldError):
    """An outside program that the command can't do without is not installed."""

    reference = "tool-missing"


class ProcessFailedError(ScaffoldError):
    """An outside program failed; `details` has the end of what it printed."""

    reference = "process-failed"


class FindingsError(ScaffoldError):
    """An image has known vulnerabilities that are as bad as the policy says or worse.

    The registry has it, but the step has failed: no pin moves to it, and it is not signed.
    """

    reference = "image-findings"


class ListenError(ScaffoldError):
    """The bot's server can't listen where it is told to."""

    reference = "listen-failed"


class TimeUpError(ScaffoldError):
    """The time is up that a piece of work may take, such as the bot's look at one service."""

    reference = "time-up"


class ForgeError(ScaffoldError):
    """The forge refused or failed."""

    reference = "forge-failed"


class PushRefusedError(ForgeError):
    """The forge takes no direct push to that branch from this user."""

    reference = "push-refused"


class UnreadableError(ForgeError):
    """A repo in a format that libgit2 does not know, though git may."""

    reference = "repo-unreadable"


class StalePushError(ForgeError):
    """The branch moved since it was read; read it again and try once more."""

    reference = "push-stale"


class DeployError(ScaffoldError):
    """A deploy failed, or would delete what nobody asked it to delete."""

    reference = "deploy-failed"


class RaceError(DeployError):
    """An object changed between our look and our change; look again and try once more."""

    reference = "deploy-race"


class StoppedError(ScaffoldError):
    """The user stopped the command; the message says what is there now."""

    reference = "stopped"
    exit_code = EXIT_STOPPED


class MetricsError(ScaffoldError):
    """What was measured can't be handed on to where it is collected."""

    reference = "metrics-failed"


class UnexpectedError(ScaffoldError):
    """A fault of scaffold itself."""

    reference = "unexpected"


_NO_ROOM = {
    errno.ENOSPC: "Make room there, then run this again.",
    errno.EDQUOT: "Make room there, or have your quota raised, then run this again.",
    errno.EFBIG: "Is it larger than the system lets a file be? `ulimit -f` tells.",
}


def not_written(error: OSError, place: object) -> FileError:
    """What to say where the system lets nothing be written to a place."""
    otherwise = "Name another folder, or look at its rights and at the disk."
    return FileError(
        f"can't write: {error.strerror or error}",
        where=str(place),
        hint=_NO_ROOM.get(error.errno or 0, otherwise),
    )


def explained(error: Exception) -> ScaffoldError:
    """What to say about an exception, be it one that nothing was prepared for."""
    if isinstance(error, ScaffoldError):
        return error
    if isinstance(error, MemoryError):
        return WorkLostError(
            "needs more memory than it may have",
            hint="Is a file of the repo or of its template very large?",
        )
    return UnexpectedError(
        f"{type(error).__name__}: {error}",
        hint="This is a fault of scaffold. Run it with `scaffold --debug` and report what it says.",
    )
