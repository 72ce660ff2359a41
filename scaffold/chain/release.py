"""A release: what one environment of a service gets, as the env repo holds it. Pure.

The bot owns the whole folder: a file for each rendered object, the kustomization that lists them,
and `release.yml`, which is the pin. So an env repo builds from itself alone, and whoever reviews a
promotion sees the lines that change. A promotion copies the folder of the stage before.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scaffold.chain.pins import REVERT, Upstream, checked_upstream, load_pin
from scaffold.checks.release import digest
from scaffold.config.places import RELEASE_FILE, release_path
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError
from scaffold.git.tree import Entry, Tree

KUSTOMIZATION = "kustomization.yaml"
_PIN = re.compile(release_path("[^/]+").replace(".", r"\."))
_SEPARATOR = re.compile(r"^---[ \t]*\n", re.MULTILINE)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9.-]+")
_DIGEST = b"digest: "
_NOT_BY_HAND = (
    "Revert the commit that changed it; to go back to an earlier release, revert the one that "
    "brought this one."
)
_EMPTY = "# Written by scaffold, not by hand. Nothing was promoted to this environment yet.\n"
_HEADER = (
    "# Written by scaffold, not by hand: what is released here, and the commits it was made from.\n"
    "# To go back to an earlier release, revert the commit that changed this folder.\n"
)
_KIND = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


@dataclass(frozen=True)
class Release:
    """What was released: the commits on the way, nearest first, the image, and what rendered it."""

    sources: tuple[Upstream, ...]
    image: str
    renderer: str

    @property
    def upstream(self) -> Upstream:
        """The commit that the objects were rendered from."""
        return self.sources[0]


def is_release(path: str) -> bool:
    """Whether this is the path of an environment's pin."""
    return _PIN.fullmatch(path) is not None


def write_release(release: Release, objects: str) -> dict[str, bytes]:
    """The files of a release, by their paths in its folder; `objects` is what kustomize built.

    Raises ConfigError where that holds something that is no Kubernetes object.
    """
    files = dict(sorted(_object_files(objects, source=release.upstream.url).items()))
    files[KUSTOMIZATION] = _kustomization(_HEADER, files)
    return {RELEASE_FILE: _pin(release, files), **files}


def empty_release() -> dict[str, bytes]:
    """The files of an environment that nothing was promoted to yet; it builds to nothing."""
    kustomization = _kustomization(_EMPTY, ())
    recorded = _recorded({KUSTOMIZATION: kustomization})
    return {RELEASE_FILE: _sealed(f"{_EMPTY}from: []\n{recorded}"), KUSTOMIZATION: kustomization}


def laid_out(folder: str, files: Mapping[str, bytes]) -> Tree:
    """The files of a release by their paths in the repo, for its folder there."""
    return {f"{folder}/{path}": Entry.file(data) for path, data in files.items()}


# Read for the pin, for its history and for what it stands for.
@lru_cache(maxsize=16_384)
def read_release(data: str | bytes, *, source: str) -> Release | None:
    """Read an environment's pin back; None where nothing was promoted to it yet.

    Raises ConfigError where it is malformed.
    """
    told = load_pin(data, source)
    text = data.encode() if isinstance(data, str) else data
    body, mark, _ = text.rpartition(_DIGEST)
    listed = told.get("from")
    if not mark or told.get("digest") != digest(body):
        raise ConfigError("is not as scaffold wrote it", where=source, hint=_NOT_BY_HAND)
    if not isinstance(listed, list):
        raise ConfigError(
            "is not a pin: it has no list `from` of commits", where=source, hint=REVERT
        )
    if not listed:
        return None
    sources = tuple(
        checked_upstream(
            str(one.get("repo", "")), one.get("url", ""), one.get("commit", ""), source
        )
        for one in (one if isinstance(one, dict) else {} for one in listed)
    )
    return Release(sources, str(told.get("image", "")), str(told.get("renderer", "")))


def _pin(release: Release, files: Mapping[str, bytes]) -> bytes:
    sources = "".join(
        f"  - repo: {json.dumps(one.repo)}\n"
        f"    url: {json.dumps(one.url)}\n"
        f"    commit: {json.dumps(one.commit)}\n"
        for one in release.sources
    )
    return _sealed(
        f"{_HEADER}from:\n{sources}"
        f"image: {json.dumps(release.image)}\n"
        f"renderer: {json.dumps(release.renderer)}\n"
        f"{_recorded(files)}"
    )


def _sealed(text: str) -> bytes:
    """A pin with a digest of itself, by which one that somebody edited is known."""
    body = text.encode()
    return body + _DIGEST + json.dumps(digest(body)).encode() + b"\n"


def _recorded(files: Mapping[str, bytes]) -> str:
    return "files:\n" + "".join(
        f"  {json.dumps(name)}: {json.dumps(digest(data))}\n" for name, data in files.items()
    )


def _kustomization(header: str, names: Collection[str]) -> bytes:
    listed = "".join(f"  - {json.dumps(name)}\n" for name in names)
    resources = f"resources:\n{listed}" if listed else "resources: []\n"
    return f"{header}{_KIND}{resources}".encode()


def _object_files(objects: str, *, source: str) -> dict[str, bytes]:
    """A file for each object, as kustomize wrote it: its keys are sorted, its strings quoted."""
    found = [(_identity(text, source), text) for text in _documents(objects)]
    names = Counter(_file_name(*identity[:2]) for identity, _ in found)
    files: dict[str, bytes] = {}
    for (kind, name, rest), text in found:
        file = _file_name(kind, name)
        if names[file] > 1:  # objects of two groups or namespaces
            mark = digest(f"{kind} {name} {rest}".encode())[:8]
            file = _file_name(kind, f"{name}-{mark}")
        files[file] = text.encode()
    return files


def _documents(objects: str) -> Iterator[str]:
    # Text that holds such a line is indented, so at the first column it only ever separates.
    return (text for text in _SEPARATOR.split(objects) if text.strip())


def _identity(text: str, source: str) -> tuple[str, str, str]:
    item = read_yaml(text, source=source)
    metadata = item.get("metadata") if isinstance(item, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(item, dict) or not isinstance(metadata, dict) or not isinstance(name, str):
        raise ConfigError(
            "what it builds to holds something that is no Kubernetes object", where=source
        )
    return str(item.get("kind")), name, f"{item.get('apiVersion')} {metadata.get('namespace', '')}"


def _file_name(kind: str, name: str) -> str:
    return _NOT_IN_NAMES.sub("-", f"{kind}-{name}".lower()) + ".yaml"
