"""References of a kustomization to anything outside of its repo, which are refused.

kustomize fetches whatever a kustomization names: repos, with all credentials of its git, and files
by HTTP (https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md). Its
author could so read what only the builder may see, and the result would depend on more than what
was committed and reviewed.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scaffold.config.yaml_reader import read_documents, read_yaml
from scaffold.errors import UntrustedError

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_FOLDERS = frozenset({"bases", "components", "resources"})
_PLUGINS = frozenset({"generators", "transformers", "validators"})
# Keys whose values are never file names.
_TEXTS = frozenset(
    {
        "annotationSelector", "annotations", "commonAnnotations", "commonLabels", "labelSelector",
        "labels", "literals", "patch", "value",
    }
)  # fmt: skip
# A file by its URL; generators write it as `name=URL`, too.
_FILE_BY_URL = re.compile(r"([^=\s]*=)?https?:", re.I)
# What kustomize takes for a repo:
# https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/git/repospec.go
_REPO = re.compile(r"git::|(https?|ssh|file)://|[a-z][a-z0-9-]*@|github\.com[/:]", re.I)
_HINT = "Commit a copy of it to this repo, and name that by its path."


def refuse_outside(folder: Path, repo: Path) -> None:
    """Check all kustomizations that are built with the one in a folder of a repo.

    Raises UntrustedError where one names anything outside of the repo, ConfigError where one is not
    YAML.
    """
    top = repo.resolve()
    waiting, seen = [folder.resolve()], set()
    while waiting:
        here = waiting.pop()
        file = next((here / name for name in _NAMES if (here / name).is_file()), None)
        if here in seen or file is None:
            continue
        seen.add(here)
        where = file.relative_to(top).as_posix()
        if not file.resolve().is_relative_to(top):
            raise UntrustedError("is a link that leads out of its repo", where=where)
        content = read_yaml(file.read_bytes(), source=where)
        if not isinstance(content, dict):
            continue  # kustomize reports that itself
        try:
            waiting += _folders(here, content, top)
            _refuse_urls(here, content)
        except _OutsideError as error:
            raise UntrustedError(
                f"names `{error}`, which is not in its repo", where=where, hint=_HINT
            ) from None


class _OutsideError(Exception):
    """A reference that leads out of the repo."""


def _folders(here: Path, content: Mapping[str, Any], top: Path) -> Iterator[Path]:
    """The folders of the same repo that are built with it. Raises _OutsideError."""
    for text in (text for key in _FOLDERS | _PLUGINS for text in _texts(content.get(key))):
        if "\n" in text:
            continue
        place = (here / text).resolve()
        if _REPO.match(text) or not place.is_relative_to(top):
            raise _OutsideError(text)
        if os.path.isdir(place):  # noqa: PTH112 - whose own raises where a name is too long
            yield place


def _refuse_urls(here: Path, content: Mapping[str, Any]) -> None:
    """Raise _OutsideError where the kustomization or a plugin's configuration has a file's URL."""
    texts = list(_texts(content))
    for plugin in (text for key in _PLUGINS for text in _texts(content.get(key))):
        file = here / plugin
        if "\n" in plugin:
            texts += _texts(list(read_documents(plugin, source="a plugin in a kustomization")))
        elif os.path.isfile(file):  # noqa: PTH113 - as above
            texts += _texts(list(read_documents(file.read_bytes(), source=plugin)))
    for text in texts:
        if _FILE_BY_URL.match(text):
            raise _OutsideError(text)


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value, which kustomize may take for file names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _TEXTS:
                yield from _texts(item)
