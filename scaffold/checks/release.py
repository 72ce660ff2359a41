"""A release is as scaffold wrote it: no rendered object was edited by hand."""

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, passed
from scaffold.config.places import RELEASE_FILE
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError
from scaffold.git.folders import read_folder

NAME = "release"
HINT = "Revert that. What differs in this environment is a patch in the kustomization above."


def digest(data: bytes) -> str:
    """The digest that `release.yml` records of a file of its release: SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def edited(files: Mapping[str, bytes], *, source: str) -> list[str]:
    """The manual changes to the files of a release, a phrase each.

    Paths are relative to the release's folder. Raises ConfigError where `release.yml` is not YAML.
    """
    recorded = _recorded(files.get(RELEASE_FILE, b""), source)
    there = {path: data for path, data in files.items() if path != RELEASE_FILE}
    edits = [f"{path} was added" for path in there.keys() - recorded.keys()]
    edits += [f"{path} was removed" for path in recorded.keys() - there.keys()]
    edits += [
        f"{path} was edited"
        for path in there.keys() & recorded.keys()
        if digest(there[path]) != recorded[path]
    ]
    return sorted(edits)


def check_release(subject: Subject, target: str) -> list[Result]:
    """Compare the files of a release with the digests in its `release.yml`."""
    folder = PurePosixPath(target).parent
    shown = f"{subject.name}/{folder}"
    files = {path: entry.data for path, entry in read_folder(subject.path / folder).items()}
    try:
        edits = edited(files, source=target)
    except ConfigError as error:
        return [failed(NAME, shown, [str(error)])]
    if edits:
        return [failed(NAME, shown, [f"{edit} by hand" for edit in edits] + [HINT])]
    return [passed(NAME, shown)]


def _recorded(data: bytes, source: str) -> dict[str, Any]:
    recorded = read_yaml(data, source=source)
    files = recorded.get("files") if isinstance(recorded, dict) else None
    return files if isinstance(files, dict) else {}
