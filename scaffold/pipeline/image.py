"""`scaffold pipeline image`: builds and pushes the image that two commits amount to."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold.chain.pins import UPSTREAM_PATH, Upstream, image_tag, read_upstream
from scaffold.checks.repo import read_repofile
from scaffold.config.accepted import ACCEPTED_PATH
from scaffold.config.repofile import REPOFILE, CodePlace, RepoFile
from scaffold.errors import ConfigError, ProcessFailedError
from scaffold.forge.job import reach_siblings
from scaffold.git.clones import checkout
from scaffold.git.folders import write_folder
from scaffold.git.scratch import scratch_folder
from scaffold.image_registry import digest_in_registry
from scaffold.pipeline.builder import Builder, find_builder
from scaffold.pipeline.needed import read_needed
from scaffold.pipeline.registry_login import logged_in
from scaffold.pipeline.revision import committed_files, committed_revision
from scaffold.pipeline.supply_chain import Examined, examine, see_to_needs

DOCKERFILE = "Dockerfile"


@dataclass(frozen=True)
class Image:
    """An image: its name with the derived tag, and the digest where a registry has it."""

    reference: str
    digest: str | None
    built: bool
    pushed: bool
    examined: Examined | None = None


def make_image(path: Path, *, push: bool) -> Image:
    """Build the image of the repo in `path`, from the code commit that it pins or from its own.

    The tag is derived from the commits, so what the registry has under it is this very image:
    then nothing is built. What the registry has is examined where the repo's settings ask for that,
    each time: more may be known by now. What is not pushed is not.
    """
    repo = read_repofile(path)
    if not repo.image:
        raise ConfigError(
            "names no `image`", where=str(path / REPOFILE), hint="Is this a docker repo?"
        )
    upstream = _read_pin(path) if repo.code is CodePlace.PINNED else None
    pinned = () if upstream is None else (UPSTREAM_PATH,)
    accepted = (ACCEPTED_PATH,) if (path / ACCEPTED_PATH).exists() else ()
    revision = committed_revision(path, (DOCKERFILE, REPOFILE, *pinned, *accepted))
    tag = image_tag(revision) if upstream is None else image_tag(upstream.commit, revision)
    reference = f"{repo.image}:{tag}"
    if repo.supply_chain:
        see_to_needs(repo.supply_chain, path, push=push)
    with logged_in(reference) as login, scratch_folder() as scratch:
        if push and (digest := digest_in_registry(reference, login)):
            there = Image(reference, digest, built=False, pushed=False)
            return _examined(there, repo, path, login)
        builder = find_builder(login)
        code = scratch / "code"
        _lay_out(upstream, path, code)
        _build(
            builder, path / DOCKERFILE, code, reference, upstream.commit if upstream else revision
        )
        digest = builder.push(reference) if push else None
        image = Image(reference, digest, built=True, pushed=push)
        return _examined(image, repo, path, login) if push else image


def _examined(image: Image, repo: RepoFile, path: Path, login: Mapping[str, str]) -> Image:
    """The image, once it is listed, scanned and signed as the repo's settings say."""
    if repo.supply_chain is None:
        return image
    if image.digest is None:
        raise ProcessFailedError(
            "the builder tells no digest of what it pushed, so it can't be scanned",
            where=image.reference,
            hint="Build with buildah, or install skopeo.",
        )
    name = image.reference.rpartition(":")[0]
    return replace(image, examined=examine(name, image.digest, repo.supply_chain, path, login))


def _lay_out(upstream: Upstream | None, path: Path, code: Path) -> None:
    """Put the files of the code's commit into `code`; what is not committed is not built."""
    if upstream is None:
        # Links that lead out of the repo lead somewhere in the image, and no builder follows them.
        write_folder(committed_files(path), code, with_links_out=True)
        return
    reach_siblings()
    checkout(upstream.url, upstream.commit, code)
    # It is no part of the commit: `COPY . .` must not put it into the image.
    shutil.rmtree(code / ".git")


def _build(builder: Builder, dockerfile: Path, code: Path, reference: str, commit: str) -> None:
    builder.build(
        dockerfile.resolve(),
        code,
        reference,
        arguments={"REVISION": commit},
        labels={
            "org.opencontainers.image.revision": commit,
            "org.opencontainers.image.version": reference.rpartition(":")[2],
        },
    )


def _read_pin(path: Path) -> Upstream:
    file = path / UPSTREAM_PATH
    data = read_needed(
        file,
        what="is missing: nothing says which code to build",
        hint="Is this a docker repo? scaffold writes the file when it makes one.",
    )
    return read_upstream(data, source=str(file))
