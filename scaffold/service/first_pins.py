"""The pins that the repos of a new service start with."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from scaffold.chain import pins
from scaffold.chain.release import empty_release, is_release
from scaffold.chain.rendering import render_release
from scaffold.config.blueprint import Blueprint, PinKind
from scaffold.config.places import IMAGE_PATH, RELEASE_FILE, UPSTREAM_PATH, release_folder
from scaffold.config.platform import Platform
from scaffold.errors import ProcessFailedError, ToolMissingError
from scaffold.git.tree import Entry, Tree


class BuiltRepo(Protocol):
    """A repo of the service that is rendered and committed."""

    @property
    def repo(self) -> str:
        """Which of the paired repos."""

    @property
    def url(self) -> str:
        """Where it will lie."""

    @property
    def commit(self) -> str:
        """Its first commit."""

    @property
    def tree(self) -> Tree:
        """The files of that."""


def first_pins(
    blueprint: Blueprint,
    repo: str,
    built: Mapping[str, BuiltRepo],
    platform: Platform,
    service: str,
) -> Tree:
    """What a new repo pins of those that were built before it.

    The first environment has a release from the start, if kustomize is here and the base lies in
    another repo: no commit can name itself. The bot makes it elsewhere.
    """
    part = blueprint.repos[repo]
    if part.follows is None or part.pin is None:
        return {}
    above = built[part.follows]
    upstream = pins.Upstream(above.repo, above.url, above.commit)
    if part.pin is PinKind.UPSTREAM:
        return {UPSTREAM_PATH: Entry.file(pins.write_upstream(upstream))}
    found: Tree = {}
    if part.pin in (PinKind.IMAGE, PinKind.IMAGE_AND_RELEASE):
        image = f"{platform.registry}/{service}"
        pin = pins.write_image(upstream, image=image, tag=_tag(above))
        found[IMAGE_PATH] = Entry.file(pin)
    if part.pin in (PinKind.RELEASE, PinKind.IMAGE_AND_RELEASE):
        for environment in platform.chain():
            first = environment.after is None and part.pin is PinKind.RELEASE
            files = (_first_release(blueprint, above, built) if first else None) or empty_release()
            found |= _in_folder(environment.name, files)
    return found


def released_everywhere(blueprint: Blueprint, repo: str, built: Mapping[str, BuiltRepo]) -> Tree:
    """The files of a repo as they are once every environment has its first release."""
    tree, part = built[repo].tree, blueprint.repos[repo]
    if part.follows is None or part.pin not in (PinKind.RELEASE, PinKind.IMAGE_AND_RELEASE):
        return tree
    base = built[repo if part.pin is PinKind.IMAGE_AND_RELEASE else part.follows]
    files = _first_release(blueprint, base, built)
    if files is None:
        return tree
    folders = [path.removesuffix(f"/{RELEASE_FILE}") for path in tree if is_release(path)]
    kept = {path: entry for path, entry in tree.items() if path.rpartition("/")[0] not in folders}
    new = {
        f"{folder}/{name}": Entry.file(data) for folder in folders for name, data in files.items()
    }
    return kept | new


def _first_release(
    blueprint: Blueprint, base: BuiltRepo, built: Mapping[str, BuiltRepo]
) -> dict[str, bytes] | None:
    """What a base renders to; None where it can't be rendered, which the checks of it tell."""
    sources: list[pins.Upstream] = []
    repo: str | None = base.repo
    while repo is not None:
        one = built[repo]
        sources.append(pins.Upstream(one.repo, one.url, one.commit))
        repo = blueprint.repos[repo].follows
    with suppress(ProcessFailedError, ToolMissingError):
        return render_release(base.tree, tuple(sources))
    return None


def _in_folder(environment: str, files: Mapping[str, bytes]) -> Tree:
    folder = release_folder(environment)
    return {f"{folder}/{name}": Entry.file(data) for name, data in files.items()}


def _tag(builds: BuiltRepo) -> str:
    """The tag of the image that a new repo builds: from the code that it pins, or its own."""
    pin = builds.tree.get(UPSTREAM_PATH)
    if pin is None:
        return pins.image_tag(builds.commit)
    return pins.image_tag(pins.read_upstream(pin.data).commit, builds.commit)
