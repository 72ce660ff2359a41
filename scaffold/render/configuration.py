"""Reads a template's configuration before copier does, so that copier meets nothing unbounded.

Copier takes several documents in copier.yml, and `!include` for what is in other files.
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
    """Look at all files of a template's configuration.

    Raises ConfigError, with file and line, where one of them is no YAML or is out of bounds.
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
        # Copier leaves out what is empty, and takes a list of mappings for one.
        documents = value if isinstance(value, list) else [value or {}]
        if not all(isinstance(document, (dict, list)) for document in documents):
            line = document.start_mark.line + 1
            raise ConfigError(
                "is not a mapping of keys to values",
                where=f"{path}:{line}",
                hint="It has questions and settings, as in `port: 8080`.",
            )


def _refuse_other_keys(document: yaml.Node, path: str) -> None:
    """Raise ConfigError for a key that is no text: YAML takes a bare `on` for true."""
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    for key, _ in pairs:
        if key.tag not in _OF_KEYS:
            raise ConfigError(
                f"the key `{short(str(key.value))}` is no text",
                where=f"{path}:{key.start_mark.line + 1}",
                hint="Quote it.",
            )


def _included(root: Path, pattern: str) -> Iterator[Path]:
    """The files that copier includes; what it refuses is left to it."""
    if PurePosixPath(pattern).is_absolute():
        return
    with suppress(ValueError, NotImplementedError):
        for file in sorted(root.glob(pattern)):
            if file.is_file() and file.resolve().is_relative_to(root):
                yield file.resolve()
