"""Sources of blueprints: git repos, their versions, and the blueprints that ship with scaffold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import pygit2
from packaging.version import Version

from scaffold.config.blueprint import BLUEPRINT_FILE, Blueprint
from scaffold.config.documents import check_mappings, parse_document
from scaffold.errors import BlueprintNotFoundError
from scaffold.git.folders import write_closed
from scaffold.git.store import open_copy, open_mirror
from scaffold.git.tree import Tree, find_ref
from scaffold.git.verified import verified_tree
from scaffold.render.submodules import read_with_submodules

_TAGS = "refs/tags/"
_RELEASE = "Tag one, for example: git tag v1.0.0"
_NO_FILE = "Release a version that has one."
# The first blueprint of a platform, and so the default of --blueprint.
_USUAL = "python-service"


@dataclass(frozen=True)
class TemplateVersion:
    """One version of a copier template, its files in a folder of this run.

    `checkout` is the author's checkout, for a version that is not released.
    """

    url: str
    version: str
    commit: str
    folder: Path
    checkout: Path | None = field(default=None, kw_only=True)

    def place(self, path: str = "") -> str:
        """A path or URL at which people find one of its files, or all of them."""
        if self.checkout is not None:
            return str(self.checkout / path)
        return f"{self.url}@{self.version}" + (f":{path}" if path else "")

    def told(self, why: object) -> str:
        """Another program's message, without the path of this run's temporary folder."""
        text = str(why)
        for folder in (str(self.folder.resolve()), str(self.folder)):
            text = text.replace(f"{folder}/", "").replace(folder, ".")
        return text


@dataclass(frozen=True)
class BlueprintVersion(TemplateVersion):
    """One release of a blueprint: a template with a blueprint.yml."""

    model: Blueprint


def shipped_blueprints() -> Path:
    """The folder with the blueprints that ship with scaffold, one folder each."""
    installed = resources.files("scaffold") / "_blueprints"
    if installed.is_dir():
        return Path(str(installed))
    return Path(__file__).resolve().parents[2] / "blueprints"


def shipped_names() -> tuple[str, ...]:
    """The names of the blueprints that ship with scaffold; the first is the usual choice."""
    there = {file.parent.name for file in shipped_blueprints().glob(f"*/{BLUEPRINT_FILE}")}
    return tuple(sorted(there, key=lambda name: (name != _USUAL, name)))


def open_version(
    url: str,
    version: str | None,
    scratch: Path,
    newest_of: Callable[[Iterable[str]], str | None] | None = None,
) -> BlueprintVersion:
    """Lay out a version of the blueprint at `url`; None means the newest release.

    `newest_of` picks that of the tags, and returns None where all are held back.

    Raises BlueprintNotFoundError, UnsafeTreeError, and ConfigError where its blueprint.yml is not
    valid.
    """
    store = open_copy_of_template(url, scratch)
    tags = versions(store)
    if not tags:
        raise BlueprintNotFoundError("has no released version", where=url, hint=_RELEASE)
    chosen = released_as(tags, version) if version else (newest_of or newest)(tags)
    if chosen is None and not version:
        raise all_held_back(url)
    if chosen is None:
        raise BlueprintNotFoundError(
            f"has no version `{version}`",
            where=url,
            hint=f"It has: {', '.join(sorted(tags, key=Version))}",
        )
    commit = tags[chosen]
    folder = scratch / "blueprint" / commit
    tree = read_with_submodules(
        store,
        commit,
        url,
        lambda other: open_copy_of_template(other, scratch),
        where=f"{url}@{chosen}",
    )
    if not folder.exists():
        write_closed(tree, folder, where=f"{url}@{chosen}")
    if BLUEPRINT_FILE not in tree:
        raise BlueprintNotFoundError(
            f"has no {BLUEPRINT_FILE} in version {chosen}", where=url, hint=_NO_FILE
        )
    _refuse_broken_questions(tree, f"{url}@{chosen}")
    source = f"{url}@{chosen}:{BLUEPRINT_FILE}"
    model = parse_document(Blueprint, tree[BLUEPRINT_FILE].data, source=source)
    return BlueprintVersion(url, chosen, commit, folder, model)


def all_held_back(url: str) -> BlueprintNotFoundError:
    """The error where platform.yml holds all versions back, and none is named."""
    return BlueprintNotFoundError(
        "all its versions are held back, by `hold` in platform.yml",
        where=url,
        hint="Name one: --blueprint NAME@VERSION",
    )


def _refuse_broken_questions(tree: Tree, place: str) -> None:
    for name in ("copier.yml", "copier.yaml"):
        if name in tree:
            check_mappings(tree[name].data, source=f"{place}:{name}")


def read_blueprint(url: str) -> Blueprint:
    """The blueprint.yml of the newest release, read without laying anything out.

    Raises BlueprintNotFoundError, UnsafeTreeError, ConfigError.
    """
    _, store = open_mirror(url)
    return newest_blueprint(store, url, _RELEASE)


def newest_blueprint(store: pygit2.Repository, where: str, hint: str) -> Blueprint:
    """The same of a repo that is open; `hint` says how the first version is made."""
    tags = versions(store)
    if not tags:
        raise BlueprintNotFoundError("has no released version", where=where, hint=hint)
    chosen = newest(tags)
    tree = verified_tree(store, tags[chosen], where=f"{where}@{chosen}")
    if BLUEPRINT_FILE not in tree:
        raise BlueprintNotFoundError(
            f"has no {BLUEPRINT_FILE} in version {chosen}", where=where, hint=_NO_FILE
        )
    item = tree[BLUEPRINT_FILE]
    data = item.data if isinstance(item, pygit2.Blob) else b""
    return parse_document(Blueprint, data, source=f"{where}@{chosen}:{BLUEPRINT_FILE}")


def versions(store: pygit2.Repository) -> dict[str, str]:
    """The released versions of a blueprint: tag -> commit id.

    Tags that are not versions are left out, and so are those of files and folders.
    """
    tags = {}
    for name in store.references:
        tag = name.removeprefix(_TAGS)
        if name.startswith(_TAGS) and parse_version(tag) is not None:
            commit = tagged_commit(store, tag)
            if commit is not None:
                tags[tag] = commit
    return tags


def tagged_commit(store: pygit2.Repository, tag: str) -> str | None:
    """The commit that a tag names, or None where there is no such tag or it names no commit."""
    ref = find_ref(store, f"{_TAGS}{tag}")
    if ref is None:
        return None
    try:
        return str(ref.peel(pygit2.Commit).id)
    except (pygit2.GitError, pygit2.InvalidSpecError):
        return None


def released_as(tags: Iterable[str], wanted: str) -> str | None:
    """The tag of a version that somebody names, with the `v` or without; None if there is none."""
    if wanted in tags:
        return wanted
    named = parse_version(wanted)
    return next((tag for tag in tags if named and parse_version(tag) == named), None)


def newest(tags: Iterable[str]) -> str:
    """The newest version by PEP 440; prereleases count only where there is nothing else."""
    parsed = {tag: version for tag in tags if (version := parse_version(tag)) is not None}
    stable = [tag for tag, version in parsed.items() if not version.is_prerelease]
    return max(stable or parsed, key=lambda tag: parsed[tag])


def parse_version(tag: str) -> Version | None:
    """The version that a tag names, or None; `v1.2.0` and `1.2.0` are the same."""
    try:
        return Version(tag)
    except ValueError:  # InvalidVersion, or int()'s error for 5,000 digits
        return None


def open_copy_of_template(address: str, scratch: Path, url: str = "") -> pygit2.Repository:
    """The repo of a template, unchanged during this run; `url` is the address to show to people.

    Raises ForgeError; BlueprintNotFoundError where a folder of this machine has no repo.
    """
    try:
        return open_copy(address, scratch)
    except pygit2.GitError as error:
        why = f": {error}" if "owned" in str(error) else ""
        raise BlueprintNotFoundError(
            f"there is no git repo here{why}",
            where=url or address,
            hint="Was it moved or removed?",
        ) from error
