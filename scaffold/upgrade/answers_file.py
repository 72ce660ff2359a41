"""Answers files: which templates a repo was made from, at which version and with which answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from scaffold.errors import AnswersFileError
from scaffold.git.tree import Entry

DEFAULT_NAME = ".copier-answers.yml"
_NAME = re.compile(r"\.copier-answers.*\.ya?ml")
_MARKER = re.compile(rb"^(<{7}|>{7}|={7}|\|{7})( |$)", re.M)


@dataclass(frozen=True)
class AnswersFile:
    """What one answers file says; `recorded` are the answers, without copier's own keys."""

    path: str
    template: str
    version: str
    recorded: Mapping[str, Any]


def find_answers_files(files: Mapping[str, Entry]) -> tuple[str, ...]:
    """The answers files at the top of a project, the usual one first.

    Raises AnswersFileError where there is none.
    """
    found = [path for path in files if _NAME.fullmatch(path)]
    if not found:
        nested = sorted(path for path in files if _NAME.fullmatch(PurePosixPath(path).name))
        folders = ", ".join(str(PurePosixPath(path).parent) for path in nested)
        raise AnswersFileError(
            f"has no {DEFAULT_NAME}, so nothing tells which template it was made from",
            hint=f"There is one in {folders}: name that folder."
            if nested
            else "Link it to a blueprint with `scaffold adopt`.",
        )
    return tuple(sorted(found, key=lambda path: (path != DEFAULT_NAME, path)))


def read_answers_file(path: str, entry: Entry) -> AnswersFile:
    """Read one. Raises AnswersFileError that says what is wrong with it."""
    if _MARKER.search(entry.data):
        raise AnswersFileError(
            "has conflict markers in it",
            where=path,
            hint="Settle the conflict: answers of both sides belong in it, and one `_commit`.",
        )
    try:
        data = yaml.safe_load(entry.data.decode("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise AnswersFileError(f"is not YAML: {error}", where=path, hint=_REVERT) from error
    if not isinstance(data, dict):
        raise AnswersFileError("is not a mapping of answers", where=path, hint=_REVERT)
    for key in ("_src_path", "_commit"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise AnswersFileError(f"has no `{key}`, or not as text", where=path, hint=_REVERT)
    recorded = {str(key): value for key, value in data.items() if not str(key).startswith("_")}
    return AnswersFile(path, data["_src_path"], data["_commit"], recorded)


_REVERT = "Bring it back from git's history; copier and scaffold write it, people do not."
