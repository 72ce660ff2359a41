"""Exceptions that the work on one repo or one service raised, as errors for people."""

import pygit2

from scaffold import errors
from scaffold.config.yaml_bounds import short
from scaffold.errors import FileError, ForgeError, ScaffoldError, not_written
from scaffold.git.disk import OF_WRITING, fault_in


def explained(error: Exception, *, where: str = "") -> ScaffoldError:
    """The error for people; a repo that libgit2 can't read is not reported as a bug of scaffold.

    Somebody may have put anything under its refs, a disk may have lost an object, and a catalog may
    name any path.
    """
    if isinstance(error, pygit2.GitError | OSError) and (file_error := _of_the_disk(error, where)):
        return file_error
    if isinstance(error, pygit2.GitError):
        return ForgeError(
            f"a repo can't be read: {error}",
            where=where,
            hint="Look at it with `git fsck` and `git for-each-ref`, and fix or remove what is"
            " named above.",
        )
    if isinstance(error, OSError):
        return FileError(
            error.strerror or str(error),
            where=short(str(error.filename or where)),
            hint="Look at that path, at its rights and at the disk.",
        )
    return errors.explained(error)


def _of_the_disk(error: Exception, where: str) -> FileError | None:
    """The error for a full disk or a lock file, or None."""
    if not isinstance(error, OSError) or error.errno is None:
        return fault_in(str(error), where)
    if error.errno in OF_WRITING:
        return not_written(error, short(str(error.filename or where)))
    return None
