"""Answers files: which templates a repo was made from, at which version and with which answers."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pygit2.enums import FileMode

from scaffold.config.yaml_as_copier import read_as_copier
from scaffold.errors import AnswersFileError, ConfigError
from scaffold.git.tree import Entry

DEFAULT_NAME = ".copier-answers.yml"
_NAME = re.compile(r"\.copier-answers.*\.ya?ml")
# Names that templates may give their answers files.
_OWN_NAME = re.compile(r"\.ya?ml$|copier|answers", re.I)
_ORIGIN = tuple(
    re.compile(rb"^[\"']?" + key + rb"[\"']?:", re.M) for key in (b"_src_path", b"_commit")
)
_MARKER = re.compile(rb"^(<{7}|>{7}|={7}|\|{7})( |$)", re.M)


@dataclass(frozen=True)
class AnswersFile:
    """The content of one answers file; `recorded` are the answers, without copier's own keys."""

    path: str
    template: str
    version: str
    recorded: Mapping[str, Any]


def is_answers_file(path: str) -> bool:
    """Whether a path has the name of an answers file, at the top of a project."""
    return bool(_NAME.fullmatch(path))


def find_answers_files(files: Mapping[str, Entry]) -> tuple[str, ...]:
    """The answers files of a project, the usual one first.

    They lie at its top, or in a folder at its top whose name begins with a dot; they have the usual
    name, or the keys of an answers file. Raises AnswersFileError where there is none.
    """
    answers_paths = [path for path in files if _is_near(path) and _is_one(path, files)]
    if not answers_paths:
        raise no_answers_file(find_elsewhere(files))
    return tuple(sorted(answers_paths, key=lambda path: (path != DEFAULT_NAME, path)))


def no_answers_file(elsewhere: Collection[str]) -> AnswersFileError:
    """The error for a project without an answers file; it names those in folders below."""
    hint = "Link it to a blueprint with `scaffold adopt`."
    if elsewhere:
        folders = ", ".join(sorted({str(PurePosixPath(path).parent) for path in elsewhere}))
        first = min(elsewhere)
        hint = f"There is one in {folders}: name that folder. If its template was copied here, say"
        hint += f" so: --answers-file {first}"
    return AnswersFileError(
        f"has no {DEFAULT_NAME}, so nothing tells which template it was made from", hint=hint
    )


def find_elsewhere(files: Mapping[str, Entry]) -> tuple[str, ...]:
    """The answers files further down: of projects in folders, or of one that keeps it there."""
    return tuple(sorted(path for path in files if _is_one(path, files)))


def _is_one(path: str, files: Mapping[str, Entry]) -> bool:
    """Whether a file is an answers file: by its name, or else by its keys."""
    name = PurePosixPath(path).name
    if _NAME.fullmatch(name):
        return True
    if not _OWN_NAME.search(name):
        return False
    data = files[path].data
    return all(key.search(data) for key in _ORIGIN)


def _is_near(path: str) -> bool:
    folder, _, _ = path.rpartition("/")
    return not folder or (folder.startswith(".") and "/" not in folder)


def read_answers_file(path: str, entry: Entry) -> AnswersFile:
    """Read an answers file. Raises AnswersFileError."""
    if _MARKER.search(entry.data):
        raise AnswersFileError(
            "has conflict markers in it",
            where=path,
            hint="Settle the conflict: answers of both sides belong in it, and one `_commit`.",
        )
    if entry.mode == FileMode.LINK:
        raise AnswersFileError("is a link, not a file", where=path, hint=_REVERT)
    try:
        read = read_as_copier(entry.data, source=path)
    except ConfigError as error:
        raise AnswersFileError(error.what, where=error.where, hint=_REVERT) from error
    data, raw = read.value, read.written
    if not isinstance(data, dict):
        raise AnswersFileError("is not a mapping of answers", where=path, hint=_REVERT)
    for key in ("_src_path", "_commit"):
        if data.get(key) is None or not raw.get(key):
            raise AnswersFileError(f"has no `{key}`, or not as text", where=path, hint=_REVERT)
    recorded = {str(key): value for key, value in data.items() if not str(key).startswith("_")}
    # As text: a commit id of digits is not a number, and `1.10` is not 1.1.
    return AnswersFile(path, raw["_src_path"], raw["_commit"], recorded)


_REVERT = "Bring it back from git's history; copier and scaffold write it, people do not."
