"""`scaffold pipeline image`: builds and pushes the image that two commits amount to."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scaffold.chain.pins import UPSTREAM_PATH, Upstream, image_tag, read_upstream
from scaffold.checks.repo import read_repofile
from scaffold.errors import ConfigError
from scaffold.git.transport import checkout
from scaffold.model.repofile import REPOFILE
from scaffold.pipeline.builder import Builder, digest_in_registry, find_builder
from scaffold.pipeline.needed import read_needed
from scaffold.pipeline.revision import committed_revision

DOCKERFILE = "Dockerfile"


@dataclass(frozen=True)
class Image:
    """An image: its name with the derived tag, and the digest where a registry has it."""

    reference: str
    digest: str | None
    built: bool
    pushed: bool


def make_image(path: Path, *, push: bool) -> Image:
    """Build the image of the docker repo in `path` from the code commit that it pins.

    The tag is derived from both commits, so what the registry has under it is this very image:
    then nothing is built.
    """
    repo, upstream = read_repofile(path), _read_pin(path)
    if not repo.image:
        raise ConfigError(
            "names no `image`", where=str(path / REPOFILE), hint="Is this a docker repo?"
        )
    revision = committed_revision(path, (DOCKERFILE, REPOFILE, UPSTREAM_PATH))
    reference = f"{repo.image}:{image_tag(upstream.commit, revision)}"
    if push and (digest := digest_in_registry(reference)):
        return Image(reference, digest, built=False, pushed=False)
    builder = find_builder()
    _build(builder, path / DOCKERFILE, upstream, reference)
    digest = builder.push(reference) if push else None
    return Image(reference, digest, built=True, pushed=push)


def _build(builder: Builder, dockerfile: Path, upstream: Upstream, reference: str) -> None:
    with tempfile.TemporaryDirectory(prefix="scaffold-image-") as scratch:
        code = Path(scratch) / "code"
        checkout(upstream.url, upstream.commit, code)
        # It is no part of the commit: `COPY . .` must not put it into the image.
        shutil.rmtree(code / ".git")
        builder.build(
            dockerfile.resolve(),
            code,
            reference,
            arguments={"REVISION": upstream.commit},
            labels={
                "org.opencontainers.image.revision": upstream.commit,
                "org.opencontainers.image.version": reference.rpartition(":")[2],
            },
        )


def _read_pin(path: Path) -> Upstream:
    file = path / UPSTREAM_PATH
    text = read_needed(
        file,
        what="is missing: nothing says which code to build",
        hint="Is this a docker repo? scaffold writes the file when it makes one.",
    )
    return read_upstream(text, source=str(file))
