"""The repos of a new service, and their first pins."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from scaffold.chain import pins
from scaffold.chain.release import empty_release, is_release, laid_out
from scaffold.chain.rendering import render_release
from scaffold.config.blueprint import Blueprint, PinKind
from scaffold.config.places import IMAGE_PATH, RELEASE_FILE, UPSTREAM_PATH, release_folder
from scaffold.config.platform import Platform
from scaffold.errors import ProcessFailedError, ToolMissingError
from scaffold.git.tree import Entry, Tree


@dataclass(frozen=True)
class NewRepo:
    """One repo to create, or one that an unfinished run left (`there`).

    `left_out` are files of the blueprint that its own `.gitignore` matches, `not_run` the commands
    of its tasks that are not trusted.
    """

    repo: str
    name: str
    url: str
    commit: str
    tree: Tree
    there: bool
    left_out: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


def first_pins(
    blueprint: Blueprint,
    repo: str,
    built: Mapping[str, NewRepo],
    platform: Platform,
    service: str,
) -> Tree:
    """The pins of a new repo to those that were built before it.

    The first environment has a release from the start, if kustomize is installed and the base is in
    another repo: no commit can contain its own id. Otherwise the bot makes it.
    """
    part = blueprint.repos[repo]
    if part.follows is None or part.pin is None:
        return {}
    above = built[part.follows]
    upstream = pins.Upstream(above.repo, above.url, above.commit)
    if part.pin is PinKind.UPSTREAM:
        return {UPSTREAM_PATH: Entry.file(pins.write_upstream(upstream))}
    tree: Tree = {}
    if part.pin in (PinKind.IMAGE, PinKind.IMAGE_AND_RELEASE):
        image = f"{platform.registry}/{service}"
        pin = pins.write_image(upstream, image=image, tag=_tag(above))
        tree[IMAGE_PATH] = Entry.file(pin)
    if part.pin in (PinKind.RELEASE, PinKind.IMAGE_AND_RELEASE):
        for environment in platform.chain():
            first = environment.after is None and part.pin is PinKind.RELEASE
            files = (_first_release(blueprint, above, built) if first else None) or empty_release()
            tree |= laid_out(release_folder(environment.name), files)
    return tree


def released_everywhere(blueprint: Blueprint, repo: str, built: Mapping[str, NewRepo]) -> Tree:
    """The files of a repo as they will be once every environment has a release."""
    tree, part = built[repo].tree, blueprint.repos[repo]
    if part.follows is None or part.pin not in (PinKind.RELEASE, PinKind.IMAGE_AND_RELEASE):
        return tree
    base = built[repo if part.pin is PinKind.IMAGE_AND_RELEASE else part.follows]
    files = _first_release(blueprint, base, built)
    if files is None:
        return tree
    folders = [path.removesuffix(f"/{RELEASE_FILE}") for path in tree if is_release(path)]
    kept = {path: entry for path, entry in tree.items() if path.rpartition("/")[0] not in folders}
    for folder in folders:
        kept |= laid_out(folder, files)
    return kept


def _first_release(
    blueprint: Blueprint, base: NewRepo, built: Mapping[str, NewRepo]
) -> dict[str, bytes] | None:
    """The rendered base; None where it can't be rendered, which its checks report."""
    sources: list[pins.Upstream] = []
    repo: str | None = base.repo
    while repo is not None:
        above = built[repo]
        sources.append(pins.Upstream(above.repo, above.url, above.commit))
        repo = blueprint.repos[repo].follows
    with suppress(ProcessFailedError, ToolMissingError):
        return render_release(base.tree, tuple(sources))
    return None


def _tag(builds: NewRepo) -> str:
    """The tag of the image that a new repo builds: from the code that it pins, or its own."""
    pin = builds.tree.get(UPSTREAM_PATH)
    if pin is None:
        return pins.image_tag(builds.commit)
    return pins.image_tag(pins.read_upstream(pin.data).commit, builds.commit)
