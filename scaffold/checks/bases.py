"""What a kustomization takes from other repos: the bases of its own service, and nothing else.

kustomize fetches whatever a kustomization names, repos with all credentials that its git has, and
files by HTTP (https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md).
Whoever writes one could so read what they may not see, by the hands of whoever builds it. So bases
are fetched here, from known repos alone, and laid out beside a copy that names them by path.
"""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffold.config.urls import problem_with_address
from scaffold.config.yaml_reader import read_documents, read_yaml
from scaffold.errors import UntrustedError
from scaffold.git.mirror import read_commit
from scaffold.git.tree import write_folder

Bases = Mapping[str, Path | None]
"""The URLs of repos that bases may come from; a path is that of a repo with the same commits."""

_ANSWERS = ".copier-answers*.yml"
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_FOLDERS = frozenset({"bases", "components", "resources"})
_PLUGINS = frozenset({"generators", "transformers", "validators"})
# Text that kustomize opens no file for.
_TEXTS = frozenset(
    {
        "annotationSelector", "annotations", "commonAnnotations", "commonLabels", "labelSelector",
        "labels", "literals", "patch", "value",
    }
)  # fmt: skip
_BASE = re.compile(
    r"(?P<url>([a-z]+://)?.+?)//(?P<path>[^?]*)\?ref=(?P<commit>[0-9a-f]{40}([0-9a-f]{24})?)"
)
# A file by its URL; generators have it as `name=URL`, too.
_FILE_BY_URL = re.compile(r"([^=\s]*=)?https?:", re.I)
# What kustomize takes for a repo, by its api/internal/git/repospec.go.
_REPO = re.compile(r"git::|(https?|ssh|file)://|[a-z][a-z0-9-]*@|github\.com[/:]", re.I)
_HINT = "Bases may come from the repos that `siblings` in .copier-answers.yml names, at a commit."


def recorded_bases(path: Path) -> Bases:
    """The repos of the service that the repo at `path` belongs to, as its answers file has them.

    Raises ConfigError where that is not YAML.
    """
    found: dict[str, Path | None] = {}
    for file in sorted(path.glob(_ANSWERS)):
        answers = read_yaml(file.read_bytes(), source=str(file))
        siblings = answers.get("siblings") if isinstance(answers, dict) else None
        for one in siblings.values() if isinstance(siblings, dict) else ():
            url = one.get("url") if isinstance(one, dict) else None
            if isinstance(url, str) and problem_with_address(url) is None:
                found[url] = None
    return found


@dataclass(frozen=True)
class _Kustomization:
    """One kustomization; `bases` has what it names in other repos, by what it calls that."""

    file: Path
    content: Mapping[str, Any]
    bases: Mapping[str, re.Match[str]]


def with_bases(folder: Path, repo: Path, bases: Bases, scratch: Path) -> tuple[Path, Path]:
    """What to build in place of a folder of a repo, and the repo that this is in.

    That is the folder itself, or a copy below `scratch` where it needs bases of other repos.
    Raises UntrustedError where it names anything else outside of its repo, ConfigError where a
    kustomization is not YAML, ForgeError where a base can't be had.
    """
    found = list(_reached(folder, repo, bases))
    if not any(one.bases for one in found):
        return folder, repo
    copy = scratch / "repo"
    shutil.copytree(repo, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    there = copy / folder.relative_to(repo)
    _LaidOut(bases, scratch).mend(there, copy)
    return there, copy


@dataclass
class _LaidOut:
    """The bases that were laid out for one build."""

    bases: Bases
    scratch: Path
    places: dict[tuple[str, str], Path] = field(default_factory=dict)

    def mend(self, folder: Path, repo: Path) -> None:
        """Have each kustomization of a repo in `scratch` name its bases by path."""
        for one in _reached(folder, repo, self.bases):
            paths = {name: self._path(base, one.file.parent) for name, base in one.bases.items()}
            if paths:
                content = {key: _renamed(key, value, paths) for key, value in one.content.items()}
                one.file.unlink()  # where it is a link, what it leads to stays as it is
                one.file.write_text(json.dumps(content), encoding="utf-8")

    def _path(self, base: re.Match[str], start: Path) -> str:
        place = self._place(base["url"], base["commit"])
        folder = place / base["path"]
        self.mend(folder, place)
        return os.path.relpath(folder, start)

    def _place(self, url: str, commit: str) -> Path:
        if (url, commit) not in self.places:
            place = self.scratch / "bases" / str(len(self.places))
            write_folder(read_commit(url, commit, self.bases[url]), place)
            self.places[url, commit] = place
        return self.places[url, commit]


def _renamed(key: str, value: Any, paths: Mapping[str, str]) -> Any:
    return [paths.get(one, one) for one in value] if key in _FOLDERS else value


def _reached(folder: Path, repo: Path, bases: Bases) -> Iterator[_Kustomization]:
    """The kustomizations of a repo that are built with the one in a folder."""
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
            continue  # kustomize has words for that
        try:
            named = _bases(content, bases)
            waiting += _folders(here, content, named, top)
            _refuse_urls(here, content, named)
        except _OutsideError as error:
            raise UntrustedError(
                f"names `{error}`, which is in no repo of its service", where=where, hint=_HINT
            ) from None
        yield _Kustomization(file, content, named)


class _OutsideError(Exception):
    """A name that leads out of the repos of the service."""


def _bases(content: Mapping[str, Any], known: Bases) -> dict[str, re.Match[str]]:
    """What a kustomization names in other repos that are known, by what it calls that."""
    told = (one for key in _FOLDERS for one in _texts(content.get(key)))
    matches = {one: found for one in told if (found := _BASE.fullmatch(one))}
    return {one: found for one, found in matches.items() if found["url"] in known}


def _folders(
    here: Path, content: Mapping[str, Any], named: Collection[str], top: Path
) -> Iterator[Path]:
    """The folders of the same repo that are built with it. Raises _OutsideError."""
    for one in (one for key in _FOLDERS | _PLUGINS for one in _texts(content.get(key))):
        if one in named or "\n" in one:
            continue
        place = (here / one).resolve()
        if _REPO.match(one) or not place.is_relative_to(top):
            raise _OutsideError(one)
        if os.path.isdir(place):  # noqa: PTH112 - whose own raises where a name is too long
            yield place


def _refuse_urls(here: Path, content: Mapping[str, Any], named: Collection[str]) -> None:
    """Raise _OutsideError where it, or the configuration of a plugin, names a file by its URL."""
    texts = [one for one in _texts(content) if one not in named]
    for one in (one for key in _PLUGINS for one in _texts(content.get(key))):
        file = here / one
        if "\n" in one:
            texts += _texts(list(read_documents(one, source="a plugin in a kustomization")))
        elif os.path.isfile(file):  # noqa: PTH113 - as above
            texts += _texts(list(read_documents(file.read_bytes(), source=one)))
    for text in texts:
        if _FILE_BY_URL.match(text):
            raise _OutsideError(text)


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value that kustomize may take for a file's name."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in _TEXTS:
                yield from _texts(one)
