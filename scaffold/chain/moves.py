"""A propagation: one commit that moves one pin, and what its message tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from scaffold.chain import pins
from scaffold.chain.commits import FROM_TRAILER
from scaffold.chain.edges import Edge
from scaffold.chain.notes import ReleaseNotes, release_notes
from scaffold.chain.notes_text import plain_lines
from scaffold.chain.pins import Upstream
from scaffold.chain.rendering import release_changes
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.blueprint import PinKind
from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.config.repofile import REPOFILE, RepoFile
from scaffold.errors import ConfigError
from scaffold.git.tree import Entry, Identity, change_tree, make_commit
from scaffold.image_registry import digest_in_registry


@dataclass(frozen=True)
class Move:
    """A commit that moves one pin, and what it brings; its message tells that."""

    commit: str
    notes: ReleaseNotes


def title(chain: ServiceChain, edge: Edge, desired: str) -> str:
    """What moves where, in one line."""
    return f"Move {edge.place} to {chain.repo(edge.up).name} {desired[:12]}"


def commit_pin(
    chain: ServiceChain, edge: Edge, desired: str, parent: str, platform: Platform, who: Identity
) -> Move:
    """Store a commit on top of `parent` that moves one pin; no branch moves.

    Raises ConfigError where the commit above has no pin of its own to tell the image by, and for a
    release what `release_changes` raises.
    """
    repo, up = chain.repo(edge.down), chain.repo(edge.up)
    tree = change_tree(repo.store, parent, _changes(chain, edge, desired, parent, platform))
    notes = release_notes(chain, edge, desired, parent, platform.forge.kind)
    told = [
        title(chain, edge, desired),
        "\n".join(plain_lines(notes)),
        f"{FROM_TRAILER}: {up.name}@{desired}",
    ]
    message = "\n\n".join(part for part in told if part) + "\n"
    return Move(make_commit(repo.store, tree, message, who, [parent]), notes)


def _changes(
    chain: ServiceChain, edge: Edge, desired: str, parent: str, platform: Platform
) -> Mapping[str, Entry | None]:
    if edge.kind is PinKind.RELEASE:
        return release_changes(chain, edge, desired, parent)
    up = chain.repo(edge.up)
    upstream = Upstream(edge.up, up.url, desired)
    if edge.kind is PinKind.UPSTREAM:
        return {edge.path: Entry.file(pins.write_upstream(upstream))}
    image, tag = _image(chain, up, desired, platform), _tag(chain, edge, desired)
    digest = digest_in_registry(f"{image}:{tag}")
    pin = pins.write_image(upstream, image=image, tag=tag, digest=digest)
    return {edge.path: Entry.file(pin)}


def _tag(chain: ServiceChain, edge: Edge, desired: str) -> str:
    """The tag of what the repo above builds at a commit: from the code it pins, or its own."""
    above = chain.above(edge.up)
    if above is None:
        return pins.image_tag(desired)
    code = chain.pinned(above, desired)
    if code is None:
        url = chain.repo(edge.up).url
        raise ConfigError(f"has no {above.path}, so its image has no tag", where=f"{url}@{desired}")
    return pins.image_tag(code.commit, desired)


def _image(chain: ServiceChain, up: ChainRepo, commit: str, platform: Platform) -> str:
    """The image's name, as the repo that builds it has it at that commit."""
    data = up.data(REPOFILE, commit)
    if data is not None:
        told = parse_document(RepoFile, data, source=f"{up.name}:{REPOFILE}").image
        if told:
            return told
    return f"{platform.registry}/{chain.service.name}"
