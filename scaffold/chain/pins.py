"""Pins: the machine-owned files that name the upstream commit a repo was built from.

The bot owns each of these files whole, so that humans, blueprints and the bot never edit the same
one; templates never render them. Commit ids are always quoted: an id of digits only, or one like
12e34567, would come back from a YAML round trip as a number.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from scaffold.config.places import IMAGE_PATH as IMAGE_PATH
from scaffold.config.places import IMAGE_PLACEHOLDER as IMAGE_PLACEHOLDER
from scaffold.config.places import UPSTREAM_PATH as UPSTREAM_PATH
from scaffold.config.places import environment_folder
from scaffold.config.yaml_bounds import short
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError

# What an environment builds from where the base lies in the same repo.
_BASE_BESIDE = "../../../base"
TAG_PART = 12
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_RELEASE = re.compile(rf"{environment_folder('[^/]+')}/release/kustomization\.yaml")
_UPSTREAM_KEY = "scaffold/upstream"
_COMMIT_KEY = "scaffold/commit"
_REVERT = "Revert the commit that changed the file; scaffold writes it."
_HEADER = (
    "# Written by scaffold, not by hand: it names the upstream commit that is in use here.\n"
    "# To go back to an earlier one, revert the commit that changed this file.\n"
)


@dataclass(frozen=True)
class Upstream:
    """One commit of an upstream repo: which of the paired repos, where it lies, the full id."""

    repo: str
    url: str
    commit: str


def release_path(environment: str) -> str:
    """The path of an environment's pin in the env repo."""
    return f"{environment_folder(environment)}/release/kustomization.yaml"


def is_release(path: str) -> bool:
    """Whether this is the path of an environment's pin."""
    return _RELEASE.fullmatch(path) is not None


def image_tag(*commits: str) -> str:
    """The tag of the image that these commits amount to; no registry needs to be asked.

    First the commit of the code, then that of the repo that builds it, where it is another one.
    """
    return "-".join(commit[:TAG_PART] for commit in commits)


def write_upstream(upstream: Upstream) -> bytes:
    """The pin of a docker repo: which commit of which repo the image is built from."""
    return (
        f"{_HEADER}{upstream.repo}:\n"
        f"  url: {json.dumps(upstream.url)}\n"
        f"  commit: {json.dumps(upstream.commit)}\n"
    ).encode()


def write_image(upstream: Upstream, *, image: str, tag: str) -> bytes:
    """The pin of a manifest repo: a Component that puts the derived image in its place."""
    return (
        f"{_HEADER}"
        "apiVersion: kustomize.config.k8s.io/v1alpha1\n"
        "kind: Component\n"
        f"{_annotations(upstream)}"
        f"{_images(image, tag)}"
    ).encode()


def write_release(upstream: Upstream) -> bytes:
    """The pin of one environment: the manifest repo's base and image at one commit."""
    return (
        f"{_HEADER}"
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        f"{_annotations(upstream)}"
        "resources:\n"
        f"  - {json.dumps(f'{upstream.url}//base?ref={upstream.commit}')}\n"
        "components:\n"
        f"  - {json.dumps(f'{upstream.url}//image?ref={upstream.commit}')}\n"
    ).encode()


def write_release_image(upstream: Upstream, *, image: str, tag: str) -> bytes:
    """The pin of one environment: the base of its own repo with the image of one commit."""
    return (
        f"{_HEADER}"
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        f"{_annotations(upstream)}"
        "resources:\n"
        f"  - {_BASE_BESIDE}\n"
        f"{_images(image, tag)}"
    ).encode()


def write_empty_release() -> bytes:
    """The pin of an environment that nothing was promoted to yet; it builds to nothing."""
    return (
        b"# Written by scaffold, not by hand. Nothing was promoted to this environment yet.\n"
        b"apiVersion: kustomize.config.k8s.io/v1beta1\n"
        b"kind: Kustomization\n"
        b"resources: []\n"
    )


def read_upstream(data: str | bytes, *, source: str = UPSTREAM_PATH) -> Upstream:
    """Read a docker repo's pin back. Raises ConfigError where it is malformed."""
    match _load(data, source):
        case {**repos} if len(repos) == 1:
            (repo, pin), *_ = repos.items()
            if isinstance(pin, dict):
                return _checked(str(repo), pin.get("url", ""), pin.get("commit", ""), source)
    raise ConfigError(
        "is not a pin: it names one upstream repo with its `url` and `commit`",
        where=source,
        hint=_REVERT,
    )


def read_image(data: str | bytes, *, source: str = IMAGE_PATH) -> Upstream:
    """Read a manifest repo's pin back. Raises ConfigError where it is malformed."""
    told = _load(data, source)
    upstream = _read_annotations(told, source)
    _check_tags(told, upstream, source)
    return upstream


def read_release(data: str | bytes, *, source: str) -> Upstream | None:
    """Read an environment's pin back; None where nothing was promoted to it yet.

    Raises ConfigError where it is malformed.
    """
    told = _load(data, source)
    if not told.get("resources"):
        return None
    upstream = _read_annotations(told, source)
    if told["resources"] == [_BASE_BESIDE]:
        _check_tags(told, upstream, source)
        return upstream
    for key in ("resources", "components"):
        listed = told.get(key) or []
        for one in listed if isinstance(listed, list) else [listed]:
            if not str(one).endswith(f"?ref={upstream.commit}"):
                raise _disagrees(f"its {key} have `{short(str(one))}`", upstream, source)
    return upstream


def _check_tags(data: dict[str, Any], upstream: Upstream, source: str) -> None:
    images = data.get("images")
    for image in images if isinstance(images, list) else [None]:
        tag = str(image.get("newTag", "")) if isinstance(image, dict) else ""
        if not tag.endswith(upstream.commit[:TAG_PART]):
            raise _disagrees(f"its tag is `{short(tag)}`", upstream, source)


def _disagrees(what: str, upstream: Upstream, source: str) -> ConfigError:
    """Somebody changed one mention of the commit by hand, so what is meant can't be told."""
    return ConfigError(
        f"{what}, its annotations name {upstream.commit[:TAG_PART]}",
        where=source,
        hint="Revert the commit that changed the file; to go back, revert the one that moved it.",
    )


def _read_annotations(data: dict[str, Any], source: str) -> Upstream:
    notes: Any = data
    for key in ("metadata", "annotations"):
        notes = notes.get(key) if isinstance(notes, dict) else None
    if not isinstance(notes, dict):
        notes = {}
    repo, _, url = str(notes.get(_UPSTREAM_KEY, "")).partition(" ")
    return _checked(repo, url, notes.get(_COMMIT_KEY, ""), source)


def _annotations(upstream: Upstream) -> str:
    return (
        "metadata:\n"
        "  annotations:\n"
        f"    {_UPSTREAM_KEY}: {json.dumps(f'{upstream.repo} {upstream.url}')}\n"
        f"    {_COMMIT_KEY}: {json.dumps(upstream.commit)}\n"
    )


def _images(image: str, tag: str) -> str:
    return (
        "images:\n"
        f"  - name: {IMAGE_PLACEHOLDER}\n"
        f"    newName: {json.dumps(image)}\n"
        f"    newTag: {json.dumps(tag)}\n"
    )


def _load(data: str | bytes, source: str) -> dict[str, Any]:
    try:
        told = read_yaml(data, source=source)
    except ConfigError as error:
        raise ConfigError(error.what, where=error.where, hint=_REVERT) from error
    if not isinstance(told, dict):
        raise ConfigError("is not a mapping", where=source, hint=_REVERT)
    return told


def _checked(repo: str, url: Any, commit: Any, source: str) -> Upstream:
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise ConfigError(
            f"`commit` is {short(repr(commit))}, not a quoted commit id in full length",
            where=source,
            hint=_REVERT,
        )
    if not isinstance(url, str) or not url:
        raise ConfigError("`url` of the upstream repo is missing", where=source, hint=_REVERT)
    return Upstream(repo, url, commit)
