"""Pins: the machine-owned files that name the upstream commit a repo was built from.

The bot owns each of these files whole, so that humans, blueprints and the bot never edit the same
one; templates never render them. Commit ids are always quoted: an id of digits only, or one like
12e34567, would come back from a YAML round trip as a number. The pin of an environment is in
`chain.release`, with the release that it is a part of.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from scaffold.config.places import IMAGE_PATH as IMAGE_PATH
from scaffold.config.places import IMAGE_PLACEHOLDER as IMAGE_PLACEHOLDER
from scaffold.config.places import UPSTREAM_PATH as UPSTREAM_PATH
from scaffold.config.yaml_bounds import short
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError

TAG_PART = 12
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_UPSTREAM_KEY = "scaffold/upstream"
_COMMIT_KEY = "scaffold/commit"
REVERT = "Revert the commit that changed the file; scaffold writes it."
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


def write_image(upstream: Upstream, *, image: str, tag: str, digest: str | None = None) -> bytes:
    """The pin of a manifest repo: a Component that puts the derived image in its place.

    With the digest, what is deployed stays the same whatever the tag names later on.
    """
    pinned = f"    digest: {json.dumps(digest)}\n" if digest else ""
    return (
        f"{_HEADER}"
        "apiVersion: kustomize.config.k8s.io/v1alpha1\n"
        "kind: Component\n"
        "metadata:\n"
        "  annotations:\n"
        f"    {_UPSTREAM_KEY}: {json.dumps(f'{upstream.repo} {upstream.url}')}\n"
        f"    {_COMMIT_KEY}: {json.dumps(upstream.commit)}\n"
        "images:\n"
        f"  - name: {IMAGE_PLACEHOLDER}\n"
        f"    newName: {json.dumps(image)}\n"
        f"    newTag: {json.dumps(tag)}\n"
        f"{pinned}"
    ).encode()


def read_upstream(data: str | bytes, *, source: str = UPSTREAM_PATH) -> Upstream:
    """Read a docker repo's pin back. Raises ConfigError where it is malformed."""
    match load_pin(data, source):
        case {**repos} if len(repos) == 1:
            (repo, pin), *_ = repos.items()
            if isinstance(pin, dict):
                return checked_upstream(
                    str(repo), pin.get("url", ""), pin.get("commit", ""), source
                )
    raise ConfigError(
        "is not a pin: it names one upstream repo with its `url` and `commit`",
        where=source,
        hint=REVERT,
    )


def read_image(data: str | bytes, *, source: str = IMAGE_PATH) -> Upstream:
    """Read a manifest repo's pin back. Raises ConfigError where it is malformed."""
    told = load_pin(data, source)
    upstream = _read_annotations(told, source)
    for image in _images(told):
        _check_tag(str(image.get("newTag", "")), upstream, source)
    return upstream


def rewritten_upstream(data: str | bytes, source: str) -> bytes:
    """A docker repo's pin as scaffold writes it. Raises ConfigError where it is malformed."""
    return write_upstream(read_upstream(data, source=source))


def rewritten_image(data: str | bytes, source: str) -> bytes:
    """A manifest repo's pin as scaffold writes it. Raises ConfigError where it is malformed."""
    upstream, first = read_image(data, source=source), _images(load_pin(data, source))[0]
    name, tag = str(first.get("newName", "")), str(first.get("newTag", ""))
    digest = str(first["digest"]) if "digest" in first else None
    return write_image(upstream, image=name, tag=tag, digest=digest)


def read_image_reference(data: str | bytes, *, source: str = IMAGE_PATH) -> str:
    """The image that a manifest repo's pin puts in place: `name:tag`, or `name:tag@digest`.

    Raises ConfigError.
    """
    first = _images(load_pin(data, source))[0]
    digest = f"@{first['digest']}" if "digest" in first else ""
    return f"{first.get('newName', '')}:{first.get('newTag', '')}{digest}"


def _images(data: dict[str, Any]) -> list[dict[str, Any]]:
    images = data.get("images")
    listed = images if isinstance(images, list) and images else [None]
    return [image if isinstance(image, dict) else {} for image in listed]


def _check_tag(tag: str, upstream: Upstream, source: str) -> None:
    """Where somebody changed one mention of the commit by hand, what is meant can't be told."""
    if not tag.endswith(upstream.commit[:TAG_PART]):
        raise ConfigError(
            f"its tag is `{short(tag)}`, its annotations name {upstream.commit[:TAG_PART]}",
            where=source,
            hint="Revert the commit that changed the file; to go back, revert the one that "
            "moved it.",
        )


def _read_annotations(data: dict[str, Any], source: str) -> Upstream:
    notes: Any = data
    for key in ("metadata", "annotations"):
        notes = notes.get(key) if isinstance(notes, dict) else None
    if not isinstance(notes, dict):
        notes = {}
    repo, _, url = str(notes.get(_UPSTREAM_KEY, "")).partition(" ")
    return checked_upstream(repo, url, notes.get(_COMMIT_KEY, ""), source)


def load_pin(data: str | bytes, source: str) -> dict[str, Any]:
    """The mapping that a pin is. Raises ConfigError."""
    try:
        told = read_yaml(data, source=source)
    except ConfigError as error:
        raise ConfigError(error.what, where=error.where, hint=REVERT) from error
    if not isinstance(told, dict):
        raise ConfigError("is not a mapping", where=source, hint=REVERT)
    return told


def checked_upstream(repo: str, url: Any, commit: Any, source: str) -> Upstream:
    """The upstream that a pin names. Raises ConfigError where it does not in full."""
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise ConfigError(
            f"`commit` is {short(repr(commit))}, not a quoted commit id in full length",
            where=source,
            hint=REVERT,
        )
    if not isinstance(url, str) or not url:
        raise ConfigError("`url` of the upstream repo is missing", where=source, hint=REVERT)
    return Upstream(repo, url, commit)
