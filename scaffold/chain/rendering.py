"""The files of a release: rendered by kustomize for the first stage, copied for the later ones."""

import json
from collections.abc import Mapping
from pathlib import Path

from scaffold.chain.edges import Edge
from scaffold.chain.pins import Upstream, read_image_reference
from scaffold.chain.release import KUSTOMIZATION, Release, laid_out, write_release
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.checks import kustomize
from scaffold.checks.release import HINT, edited
from scaffold.config.places import BASE_FOLDER, IMAGE_PATH, release_folder
from scaffold.errors import ConfigError, ProcessFailedError
from scaffold.git.folders import write_folder
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Entry, Tree, read_tree

# The kustomization to build lies beside the repo's files, so that none of them is replaced.
_REPO = "repo"


def release_changes(
    chain: ServiceChain, edge: Edge, desired: str, parent: str
) -> dict[str, Entry | None]:
    """What a move of an environment to `desired` changes in its repo, on top of `parent`.

    Where the stage before had that release, it is copied: what was tried there comes here. Raises
    ConfigError where somebody edited what is to be replaced or copied, ProcessFailedError where
    kustomize can't build it, ToolMissingError.
    """
    repo = chain.repo(edge.down)
    _unedited(repo, edge.place, parent)
    copied = _had_before(chain, edge, desired, parent)
    files = copied if copied is not None else _rendered(chain, edge, desired)
    return replace_release(repo, edge.place, parent, files)


def replace_release(
    repo: ChainRepo, environment: str, parent: str, files: Mapping[str, bytes]
) -> dict[str, Entry | None]:
    """The changes that make these files the whole release of an environment."""
    folder = release_folder(environment)
    gone = repo.files_below(folder, parent).keys() - files.keys()
    return {**{f"{folder}/{path}": None for path in gone}, **laid_out(folder, files)}


def _unedited(repo: ChainRepo, environment: str, commit: str) -> dict[str, bytes]:
    """The release of an environment. Raises ConfigError where somebody edited it by hand."""
    folder = release_folder(environment)
    files = repo.files_below(folder, commit)
    if found := edited(files, source=f"{repo.name}:{folder}"):
        raise ConfigError(
            "was edited by hand, so nothing replaces or copies it",
            where=f"{repo.name}:{folder}",
            details=found,
            hint=HINT,
        )
    return files


def render_release(tree: Tree, sources: tuple[Upstream, ...]) -> dict[str, bytes]:
    """The files of a release of the repo whose files these are, at the first of the `sources`.

    Raises ConfigError, ProcessFailedError, ToolMissingError.
    """
    if IMAGE_PATH not in tree:
        up = sources[0]
        raise ConfigError(f"has no {IMAGE_PATH}, so no image", where=f"{up.url}@{up.commit}")
    image = read_image_reference(tree[IMAGE_PATH].data)
    try:
        objects = build_base(tree)
    except ProcessFailedError as error:
        raise ProcessFailedError(
            f"kustomize can't build its {BASE_FOLDER}",
            where=f"{sources[0].url}@{sources[0].commit[:12]}",
            details=error.details,
            hint="Mend it there. Nothing was released.",
        ) from error
    return write_release(Release(sources, image, kustomize.renderer()), objects)


def build_base(tree: Tree) -> str:
    """The objects of a repo's base, with the image that it pins. Raises as `render_release`."""
    whole = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{_REPO}/{BASE_FOLDER}"],
        "components": [f"{_REPO}/{Path(IMAGE_PATH).parent}"],
    }
    with scratch_folder() as folder:
        write_folder(tree, folder / _REPO)
        (folder / KUSTOMIZATION).write_text(json.dumps(whole), encoding="utf-8")
        return kustomize.build(folder, repo=folder)


def _rendered(chain: ServiceChain, edge: Edge, desired: str) -> dict[str, bytes]:
    up = chain.repo(edge.up)
    return render_release(read_tree(up.store, desired, up.url), chain.sources(edge, desired))


def _had_before(
    chain: ServiceChain, edge: Edge, desired: str, parent: str
) -> Mapping[str, bytes] | None:
    """The release of the stage before at the last commit at which it was this one."""
    before = chain.before(edge)
    repo = chain.repo(edge.down)
    if before is None:
        return None
    for commit in repo.first_parents(parent):
        pin = chain.pinned(before, str(commit.id))
        if pin is not None and pin.commit == desired:
            return _unedited(repo, before.place, str(commit.id))
    return None
