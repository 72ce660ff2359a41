"""Checks a template's configuration before copier reads it, so that it is within our limits.

Copier takes several documents in copier.yml, and `!include` for other files.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from scaffold.config.documents import read_file
from scaffold.config.yaml_as_copier import compose_as_copier, construct_as_copier
from scaffold.config.yaml_bounds import short
from scaffold.errors import ConfigError

# Text, and `<<`.
_OF_KEYS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"})
_NAME = re.compile(r"copier\.ya?ml", re.IGNORECASE)


def check_configuration(folder: Path) -> None:
    """Check all files of a template's configuration.

    Raises ConfigError, with file and line, where one of them is not YAML or exceeds the limits.
    """
    for file in sorted(folder.glob("copier.*")):
        if _NAME.fullmatch(file.name) and file.is_file():
            _check(folder, file, ())


def _check(root: Path, file: Path, inside: tuple[Path, ...]) -> None:
    path = file.relative_to(root).as_posix()
    if file in inside:
        raise ConfigError("includes itself", where=path, hint="Leave that `!include` out.")

    def include(pattern: str) -> list[Any]:
        for included in _included(root, pattern):
            _check(root, included, (*inside, file))
        return []

    for document in compose_as_copier(read_file(file), source=path):
        _refuse_other_keys(document, path)
        value = construct_as_copier(document, path, include)
        # Copier ignores empty documents, and merges a list of mappings into one.
        documents = value if isinstance(value, list) else [value or {}]
        if not all(isinstance(document, (dict, list)) for document in documents):
            line = document.start_mark.line + 1
            raise ConfigError(
                "is not a mapping of keys to values",
                where=f"{path}:{line}",
                hint="It has questions and settings, as in `port: 8080`.",
            )


def _refuse_other_keys(document: yaml.Node, path: str) -> None:
    """Raise ConfigError for a key that is not a text: YAML reads a bare `on` as true."""
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    for key, _ in pairs:
        if key.tag not in _OF_KEYS:
            raise ConfigError(
                f"the key `{short(str(key.value))}` is no text",
                where=f"{path}:{key.start_mark.line + 1}",
                hint="Quote it.",
            )


def _included(root: Path, pattern: str) -> Iterator[Path]:
    """The files that copier includes; those that it refuses are left out."""
    if PurePosixPath(pattern).is_absolute():
        return
    with suppress(ValueError, NotImplementedError):
        for file in sorted(root.glob(pattern)):
            if file.is_file() and file.resolve().is_relative_to(root):
                yield file.resolve()
